//! The login of a user.

use unicode_normalization::UnicodeNormalization as _;

use crate::likeness;

/// Largest number of characters, which is enough for every e-mail address (RFC 5321: 254).
const MAXIMUM_CHARACTERS: usize = 254;

/// An e-mail address or username that a user may have: 1 to 254 characters, no white space, no invisible
/// characters, in Unicode NFC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login(String);

/// A login without differences of spelling. It is unique in a database, and a log-in looks for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoginKey(String);

/// The refusal of a text that cannot be a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLogin {
    /// The text is empty, too long, or more than a word.
    #[error("a login has 1 to 254 characters, and neither white space nor control characters")]
    NoWord,
    /// The text has an invisible character, so another login would look the same.
    #[error("a login has no invisible characters, and this one has U+{:04X}", u32::from(*.0))]
    Invisible(char),
}

impl Login {
    /// Makes a login of an administrator's text, without white space around it.
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

    /// The login without differences of spelling.
    pub fn key(&self) -> LoginKey {
        LoginKey::of(&self.0)
    }
}

impl LoginKey {
    /// The key that a log-in looks for, from any typed text. No user has the key of a text that cannot be a
    /// login.
    pub fn of(typed: &str) -> Self {
        Self(likeness::folded(&letters(typed).collect::<String>()))
    }

    /// The former key of a login. Users have it whose logins were written when keys were only folded to lower
    /// case.
    pub(crate) fn former(typed: &str) -> Self {
        let lower = letters(typed).nfd().flat_map(char::to_lowercase);
        Self(lower.nfc().collect())
    }

    /// A key that no user has.
    pub(crate) fn of_no_user() -> Self {
        Self(char::REPLACEMENT_CHARACTER.to_string())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The letters of a key. Control characters are replaced, because PostgreSQL accepts no NUL, and counters of
/// failures separate their parts by line breaks. No login has the replacement character.
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
