//! The name that a person gives a device. Pages show the browser beside the name, because a thief who has a session can
//! name its device, too.

use std::fmt;

use crate::likeness::is_invisible;

/// The largest number of characters of a name.
pub const MOST_CHARACTERS: usize = 64;

/// A name of one line with 1 to 64 characters. It has no control characters, no characters that change the direction of
/// the text around it, and no more than one space in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceName(String);

/// The name has more than [`MOST_CHARACTERS`] characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has at most {MOST_CHARACTERS} characters")]
pub struct DeviceNameTooLong;

impl DeviceName {
    /// Cleans a typed name. A text without visible characters is no name and gives `None`.
    pub fn from_typed(text: &str) -> Result<Option<Self>, DeviceNameTooLong> {
        let visible: String = text.chars().filter(|c| !turns_direction(*c)).collect();
        let words: Vec<&str> = visible
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty())
            .collect();
        let name = words.join(" ");
        if name.chars().all(|c| c == ' ' || is_invisible(c)) {
            return Ok(None);
        }
        if name.chars().count() > MOST_CHARACTERS {
            return Err(DeviceNameTooLong);
        }
        Ok(Some(Self(name)))
    }

    pub(crate) fn from_stored(name: String) -> Self {
        Self(name)
    }

    /// The name. Pages must show it as text only.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Marks, embeddings, overrides and isolates of the Unicode bidirectional algorithm (UAX #9).
fn turns_direction(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(typed: &str) -> Result<Option<String>, DeviceNameTooLong> {
        Ok(DeviceName::from_typed(typed)?.map(|name| name.to_string()))
    }

    #[test]
    fn a_name_is_one_line_that_leaves_its_surroundings_alone() {
        for (typed, kept) in [
            ("  Kitchen \t laptop\r\n", "Kitchen laptop"),
            ("Work\u{0}\u{1b}[31m", "Work [31m"),
            ("\u{202e}gnp.exe\u{2069}", "gnp.exe"),
            ("<b>Ada’s</b> 👩‍💻", "<b>Ada’s</b> 👩‍💻"),
            ("المكتب", "المكتب"),
        ] {
            assert_eq!(name(typed), Ok(Some(kept.to_owned())), "{typed:?}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_no_name() {
        for typed in [
            "",
            " \u{a0}\u{3000}\n",
            "\u{200f}\u{2067}",
            "\u{7}",
            "\u{200b} \u{3164}",
            "\u{1d173}",
            "\u{fff0}",
        ] {
            assert_eq!(name(typed), Ok(None), "{typed:?}");
        }
    }

    #[test]
    fn a_name_has_sixty_four_characters_at_most() {
        let longest = "ü".repeat(MOST_CHARACTERS);
        assert_eq!(name(&longest), Ok(Some(longest.clone())));
        assert_eq!(name(&format!("{longest}.")), Err(DeviceNameTooLong));
    }
}
