//! The codes of languages.

use std::str::FromStr;

/// The code of a language in the form of BCP 47 ("de", "pt-BR"). No page need be written in the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanguageCode(String);

/// The text does not have the form of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the code of a language")]
pub struct InvalidLanguageCode;

impl LanguageCode {
    /// Longest code in bytes (RFC 5646, 4.4.1).
    const MOST_BYTES: usize = 35;

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// English, which every part of the product has.
impl Default for LanguageCode {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

impl FromStr for LanguageCode {
    type Err = InvalidLanguageCode;

    fn from_str(text: &str) -> Result<Self, InvalidLanguageCode> {
        let mut parts = text.split('-');
        let is_language = |part: &str| {
            (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
        };
        let is_further = |part: &str| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let is_code = text.len() <= Self::MOST_BYTES
            && parts.next().is_some_and(is_language)
            && parts.all(is_further);
        is_code
            .then(|| Self(text.to_owned()))
            .ok_or(InvalidLanguageCode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_has_the_form_of_a_code() {
        for code in ["en", "EN-xa", "pt-BR", "zh-Hant-TW", "sl-rozaj-biske-1994"] {
            assert_eq!(code.parse::<LanguageCode>().unwrap().as_str(), code);
        }
        let long = format!("de{}", "-abcdefgh".repeat(4));
        for text in [
            "", "d", "1n", "deutsch", "de-", "-de", "de_AT", "de AT", "dé", "de;q=1", &long,
        ] {
            assert_eq!(
                text.parse::<LanguageCode>(),
                Err(InvalidLanguageCode),
                "{text:?}"
            );
        }
    }
}
