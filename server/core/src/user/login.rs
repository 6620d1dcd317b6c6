//! What people log in with.

use unicode_normalization::UnicodeNormalization as _;

use crate::likeness;

/// At most this many characters: longer than any e-mail address (RFC 5321: 254).
const MAXIMUM_CHARACTERS: usize = 254;

/// An e-mail address or user name that a user may be given: 1 to 254 characters, no white space,
/// nothing invisible, in Unicode NFC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login(String);

/// A login without regard to how it is written: what is unique in a database, and what a log-in looks
/// for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoginKey(String);

/// The text cannot be a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLogin {
    /// Empty, too long, or more than a word.
    #[error("a login has 1 to 254 characters, and neither white space nor control characters")]
    NoWord,
    /// Another login would look the same.
    #[error("a login has no invisible characters, and this one has U+{:04X}", u32::from(*.0))]
    Invisible(char),
}

impl Login {
    /// Takes what an administrator typed; white space around it is not meant.
    pub fn new(text: &str) -> Result<Self, InvalidLogin> {
        let login: String = text.trim().nfc().collect();
        let unfit = |character: char| {
            character.is_whitespace()
                || character.is_control()
                || character == char::REPLACEMENT_CHARACTER
        };
        if login.is_empty()
            || login.chars().count() > MAXIMUM_CHARACTERS
            || login.chars().any(unfit)
        {
            return Err(InvalidLogin::NoWord);
        }
        if let Some(invisible) = login.chars().find(|c| likeness::is_invisible(*c)) {
            return Err(InvalidLogin::Invisible(invisible));
        }
        Ok(Self(login))
    }

    /// The login as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The login without regard to how it is written.
    pub fn key(&self) -> LoginKey {
        LoginKey::of(&self.0)
    }
}

impl LoginKey {
    /// What a log-in looks for, whatever was typed. What cannot be a login is found nowhere.
    pub fn of(typed: &str) -> Self {
        Self(likeness::folded(&letters(typed).collect::<String>()))
    }

    /// The key that users have whose logins were written before keys were folded further than to lower
    /// case.
    pub(crate) fn former(typed: &str) -> Self {
        let lower = letters(typed).nfd().flat_map(char::to_lowercase);
        Self(lower.nfc().collect())
    }

    /// A key that no user has.
    pub(crate) fn of_nobody() -> Self {
        Self(char::REPLACEMENT_CHARACTER.to_string())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a key is made of, without control characters: PostgreSQL takes no NUL, and counters of failures separate
/// what they count by line breaks. No login has the replacement character.
fn letters(typed: &str) -> impl Iterator<Item = char> {
    let typed = typed.trim().chars().take(MAXIMUM_CHARACTERS + 1);
    typed.map(|letter| {
        if letter.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            letter
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_the_same_without_regard_to_case_and_composition() {
        let key = |text: &str| Login::new(text).unwrap().key();
        assert_eq!(key("Ada@Example.com"), key(" ada@example.COM "));
        assert_eq!(key("Zo\u{eb}"), key("ZOE\u{308}"));
        assert_eq!(key("ΣΊΣΥΦΟΣ"), key("σίσυφοσ"));
        assert_ne!(key("ada"), key("adá"));
    }

    #[test]
    fn nothing_in_a_login_is_invisible() {
        for invisible in [
            '\u{200b}', '\u{202e}', '\u{feff}', '\u{ad}', '\u{2066}', '\u{3164}',
        ] {
            let refused = Login::new(&format!("ad{invisible}a")).unwrap_err();
            assert_eq!(refused, InvalidLogin::Invisible(invisible));
            let code = format!("U+{:04X}", u32::from(invisible));
            assert!(refused.to_string().ends_with(&code), "{refused}");
        }
    }

    #[test]
    fn a_key_has_no_control_characters_whatever_was_typed() {
        for control in ('\0'..='\u{9f}').filter(|letter| letter.is_control()) {
            let typed = format!("acme{control}ada");
            for key in [LoginKey::of(&typed), LoginKey::former(&typed)] {
                assert_eq!(key.as_str(), "acme\u{fffd}ada", "{control:?}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn folding_makes_no_control_character(typed in "(?s).{0,8}") {
            for key in [LoginKey::of(&typed), LoginKey::former(&typed)] {
                proptest::prop_assert!(!key.as_str().contains(char::is_control), "{:?}", key.as_str());
            }
        }
    }

    #[test]
    fn a_login_is_one_word() {
        for bad in ["", "  ", "a b", "a\nb", "a\u{0}b", &"a".repeat(255)] {
            assert_eq!(Login::new(bad), Err(InvalidLogin::NoWord), "{bad:?}");
        }
        assert!(Login::new(&"ä".repeat(254)).is_ok());
    }
}
