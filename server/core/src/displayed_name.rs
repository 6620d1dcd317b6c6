//! The displayed names of users and companies.

use std::{fmt, str::FromStr};

use crate::likeness::is_invisible;

/// The largest number of characters of a name.
pub const MOST_NAME_CHARACTERS: usize = 100;

/// A name of one line with 1 to 100 characters, at least one of them visible. It has no space at its ends, no control
/// characters, and no characters that change the direction of the text around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayedName(String);

/// The reason why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// No character is visible.
    #[error("a name must not be empty")]
    Empty,
    /// The text has more than [`MOST_NAME_CHARACTERS`] characters.
    #[error("a name has at most {MOST_NAME_CHARACTERS} characters")]
    TooLong,
    /// The text has a character that steers a terminal or the direction of text.
    #[error("a name must not have control characters")]
    ControlCharacter,
}

impl DisplayedName {
    /// The name as text. Pages must show it as text only.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DisplayedName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let name = text.trim();
        if name.chars().any(steers) {
            return Err(InvalidName::ControlCharacter);
        }
        if name.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
            return Err(InvalidName::Empty);
        }
        if name.chars().count() > MOST_NAME_CHARACTERS {
            return Err(InvalidName::TooLong);
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for DisplayedName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Control characters, line separators, and embeddings, overrides and isolates of the Unicode bidirectional algorithm
/// (UAX #9). Marks of direction are permitted: they are part of some names.
pub(crate) fn steers(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{2028}'..='\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Result<String, InvalidName> {
        Ok(text.parse::<DisplayedName>()?.to_string())
    }

    #[test]
    fn a_name_is_trimmed_and_otherwise_as_typed() {
        for (typed, kept) in [
            ("  Ada Lovelace\u{a0}\n", "Ada Lovelace"),
            ("María  José", "María  José"),
            ("<b>Ada’s</b> 👩‍💻", "<b>Ada’s</b> 👩‍💻"),
            ("עדה\u{200f}", "עדה\u{200f}"),
        ] {
            assert_eq!(name(typed), Ok(kept.to_owned()), "{typed:?}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_no_name() {
        for typed in ["", "  \u{3000}\t", "\u{200b}\u{3164}", "\u{200f}"] {
            assert_eq!(name(typed), Err(InvalidName::Empty), "{typed:?}");
        }
    }

    #[test]
    fn a_name_steers_neither_a_terminal_nor_the_text_around_it() {
        for typed in [
            "A\u{0}",
            "A\u{1b}[31m",
            "A\nB",
            "A\u{2028}B",
            "\u{202e}A",
            "A\u{2069}B",
        ] {
            let expected = Err(InvalidName::ControlCharacter);
            assert_eq!(name(typed), expected, "{typed:?}");
        }
    }

    #[test]
    fn a_name_has_a_hundred_characters_at_most() {
        let longest = "ü".repeat(MOST_NAME_CHARACTERS);
        assert_eq!(name(&longest), Ok(longest.clone()));
        assert_eq!(name(&format!("{longest}.")), Err(InvalidName::TooLong));
    }
}
