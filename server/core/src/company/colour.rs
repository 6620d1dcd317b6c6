//! The colour that marks a company.

use std::{fmt, str::FromStr};

/// A colour of sRGB, written as `#` and six hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colour(String);

/// The error for a text that is no colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a colour is '#' and six hexadecimal digits, such as #0f766e")]
pub struct InvalidColour;

impl Colour {
    /// The colour as CSS writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Colour {
    type Err = InvalidColour;

    fn from_str(text: &str) -> Result<Self, InvalidColour> {
        let digits = text.strip_prefix('#').ok_or(InvalidColour)?;
        if digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidColour)
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_digits_and_nothing_that_css_could_read_otherwise() {
        let colour = |text: &str| text.parse::<Colour>().map(|colour| colour.to_string());
        assert_eq!(colour("#0F766e"), Ok("#0f766e".to_owned()));
        for text in [
            "",
            "#",
            "#fff",
            "0f766e",
            "#0f766g",
            "#0f766e;",
            "#0f766e00",
            "red",
            "#éééé",
        ] {
            assert_eq!(colour(text), Err(InvalidColour), "{text:?}");
        }
    }
}
