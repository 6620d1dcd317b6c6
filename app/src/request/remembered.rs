//! What the browser's cookies remember of a person's preferences.

use latchkey_core::user::Theme;

use crate::text::Language;

/// What the browser's cookies remember, for pages of people who are not logged in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// The language.
    pub language: RememberedLanguage,
    /// The theme.
    pub theme: Theme,
}

/// The language that a cookie remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RememberedLanguage {
    /// No language.
    #[default]
    Nothing,
    /// The language that was chosen on the log-in page.
    OfReader(Language),
    /// The language of the account that was logged in last.
    OfAccount(Language),
}

/// The end of a cookie's value whose language is an account's. No code of a language has a dot.
const OF_ACCOUNT: &str = ".account";

impl RememberedLanguage {
    /// The language in a cookie's value. A value that names no language of the catalogue remembers nothing.
    pub fn from_cookie(value: &str) -> Self {
        let (code, of): (_, fn(Language) -> Self) = match value.strip_suffix(OF_ACCOUNT) {
            Some(code) => (code, Self::OfAccount),
            None => (value, Self::OfReader),
        };
        Language::from_code(code).map_or(Self::Nothing, of)
    }

    /// The value of the cookie; empty if there is nothing to remember.
    pub fn to_cookie(self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::OfReader(language) => language.code().to_owned(),
            Self::OfAccount(language) => [language.code(), OF_ACCOUNT].concat(),
        }
    }

    pub(super) fn language(self) -> Option<Language> {
        match self {
            Self::Nothing => None,
            Self::OfReader(language) | Self::OfAccount(language) => Some(language),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_survives_its_cookie_and_says_whose_it_is() {
        for language in Language::ALL {
            for remembered in [
                RememberedLanguage::OfReader(*language),
                RememberedLanguage::OfAccount(*language),
            ] {
                let cookie = remembered.to_cookie();
                assert_eq!(RememberedLanguage::from_cookie(&cookie), remembered);
            }
        }
    }

    #[test]
    fn a_cookie_that_names_no_language_remembers_nothing() {
        for value in [
            "",
            ".account",
            "tlh",
            "EN",
            "en.",
            "en.account.account",
            "<b>",
        ] {
            let read = RememberedLanguage::from_cookie(value);
            assert_eq!(read, RememberedLanguage::Nothing, "{value:?}");
        }
        assert_eq!(RememberedLanguage::Nothing.to_cookie(), "");
    }
}
