//! Passwords: which may be set, and how they are kept from sight.

use secrecy::{ExposeSecret as _, SecretString};

use crate::{database::DatabaseName, random::Random};

/// Longer ones are refused before they are hashed (OWASP ASVS 6.2.9).
pub const MAXIMUM_BYTES: usize = 1024;

/// How much of a password is judged: judging takes more than linear time, and what is beyond this
/// makes no password easier to guess.
const JUDGED_CHARACTERS: usize = 64;

/// One-time passwords: no letters that are read wrong, 20 of 32 characters are 100 bits.
const ONE_TIME_ALPHABET: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A password as somebody typed it, byte for byte (ASVS 6.2.8). It has no `Debug` that shows it,
/// cannot be serialised, and is wiped when dropped.
pub struct Password(SecretString);

/// Why a password cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    /// Fewer characters than configured (ASVS 6.2.1).
    #[error("a password needs at least {minimum} characters")]
    TooShort {
        /// In characters.
        minimum: usize,
    },
    /// More than [`MAXIMUM_BYTES`].
    #[error("a password has at most {MAXIMUM_BYTES} bytes")]
    TooLong,
    /// Among the first that an attacker tries (ASVS 6.2.4), or made of words that go with the
    /// account (6.2.11).
    #[error("this password is among the first that an attacker would try")]
    TooCommon,
    /// The same as before.
    #[error("the new password is the old one")]
    Unchanged,
}

impl Password {
    /// Takes what was typed.
    pub fn new(typed: String) -> Self {
        Self(typed.into())
    }

    /// A new one-time password: 20 random characters in groups of five.
    pub fn one_time(random: &dyn Random) -> Self {
        let mut text = String::with_capacity(23);
        for (position, byte) in random.bytes::<20>().into_iter().enumerate() {
            if position > 0 && position % 5 == 0 {
                text.push('-');
            }
            // 32 letters: every one comes up equally often.
            let letter = ONE_TIME_ALPHABET.get(usize::from(byte) % ONE_TIME_ALPHABET.len());
            text.extend(letter.map(|letter| char::from(*letter)));
        }
        Self::new(text)
    }

    /// The password, to hash it or to show a new one-time password once.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Another copy, wiped like the first, for a thread that hashes.
    pub(super) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    /// Whether it may be hashed at all.
    pub(crate) fn is_hashable(&self) -> bool {
        self.expose().len() <= MAXIMUM_BYTES
    }

    /// Whether it may be set: any Unicode, no rules of composition (ASVS 6.2.5), no common one.
    pub(crate) fn check(
        &self,
        minimum: usize,
        login: &str,
        database: &DatabaseName,
    ) -> Result<(), InvalidPassword> {
        let password = self.expose();
        if !self.is_hashable() {
            return Err(InvalidPassword::TooLong);
        }
        if password.chars().count() < minimum {
            return Err(InvalidPassword::TooShort { minimum });
        }
        let judged: String = password.chars().take(JUDGED_CHARACTERS).collect();
        let context = [login, database.as_str(), "latchkey"];
        if zxcvbn::zxcvbn(&judged, &context).score() < zxcvbn::Score::Two {
            return Err(InvalidPassword::TooCommon);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    fn check(password: &str) -> Result<(), InvalidPassword> {
        Password::new(password.to_owned()).check(
            8,
            "ada.lovelace@example.com",
            &"acme".parse().unwrap(),
        )
    }

    #[test]
    fn any_unicode_of_fitting_length_may_be_set() {
        for good in [
            "correct horse battery",
            "ключ от дома на берегу",
            "🦆🐸🐢🦉🐝🐞🦋🐌",
            "no-rules-of-composition",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        assert_eq!(check(&"Tjänsteställe ".repeat(60)), Ok(()));
    }

    #[test]
    fn length_counts_characters_below_and_bytes_above() {
        assert_eq!(
            check("ä🦆x9Lp!"),
            Err(InvalidPassword::TooShort { minimum: 8 })
        );
        assert_eq!(check(&"🦆".repeat(257)), Err(InvalidPassword::TooLong));
    }

    #[test]
    fn what_attackers_try_first_is_refused() {
        for bad in [
            "password",
            "123456789",
            "qwertyuiop",
            "letmein123",
            "iloveyou1",
            "aaaaaaaaaaaa",
            "password1234",
            "lovelace",
            "acmeacme",
            "latchkey1",
        ] {
            assert_eq!(check(bad), Err(InvalidPassword::TooCommon), "{bad}");
        }
    }

    #[test]
    fn a_one_time_password_passes_its_own_rules() {
        let password = Password::one_time(&SystemRandom);
        assert_eq!(password.expose().len(), 23);
        assert_eq!(
            password.check(15, "admin", &"main".parse().unwrap()),
            Ok(())
        );
        assert_ne!(
            password.expose(),
            Password::one_time(&SystemRandom).expose()
        );
    }
}
