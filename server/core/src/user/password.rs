//! Passwords: the rules for new ones, and their protection in memory.

use std::{borrow::Cow, cmp::Reverse};

use latchkey_words::OwnWord;
use regex::RegexBuilder;
use secrecy::{ExposeSecret as _, SecretString};
use unicode_normalization::{UnicodeNormalization as _, is_nfkc};

use crate::{database::DatabaseName, random::Random};

/// Largest number of bytes. Longer passwords are refused before they are hashed (OWASP ASVS 6.2.9).
pub const MAXIMUM_BYTES: usize = 1024;

/// Number of characters in a piece for zxcvbn. Its time grows with the square of the length, and from 29
/// characters on its arithmetic overflows for some patterns of keys.
const PIECE_CHARACTERS: usize = 24;

/// The number of pieces that are judged. One piece that is hard to guess makes the password hard to guess.
const JUDGED_PIECES: usize = 3;

/// Shorter words of the account are not removed from a password, because they are parts of many words.
const ACCOUNT_WORD_CHARACTERS: usize = 3;

/// The name of the product, which is on every page.
const PRODUCT: &str = "latchkey";

/// The letters of one-time passwords, without letters that are easily misread. 20 of 32 characters are 100 bits.
const ONE_TIME_ALPHABET: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A password as typed: neither trimmed nor cut (ASVS 6.2.8). It has no `Debug` that shows it, cannot be
/// serialised, and is wiped when dropped.
pub struct Password(SecretString);

/// The reason why a password cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    /// The password has fewer characters than configured (ASVS 6.2.1).
    #[error("a password needs at least {minimum} characters")]
    TooShort {
        /// Least number of characters.
        minimum: usize,
    },
    /// The password has more than [`MAXIMUM_BYTES`] bytes.
    #[error("a password has at most {MAXIMUM_BYTES} bytes")]
    TooLong,
    /// The password is among the first that an attacker would try (ASVS 6.2.4).
    #[error("this password is among the first that an attacker would try")]
    TooCommon,
    /// The password contains words of the account, and the rest is easy to guess (ASVS 6.2.11).
    #[error("this password contains {} and is easy to guess", phrase(*.0))]
    ContainsOwn(OwnWord),
    /// The password is the current one.
    #[error("the new password is the old one")]
    Unchanged,
}

/// The person and the database that a password is for.
#[derive(Clone, Debug)]
pub(crate) struct PasswordOwner {
    /// The person's login.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// The database.
    pub database: DatabaseName,
}

impl PasswordOwner {
    /// What a guesser knows. If two texts have the same words, the first names them.
    fn known(&self) -> [(OwnWord, &str); 4] {
        [
            (OwnWord::Login, &self.login),
            (OwnWord::Name, &self.name),
            (OwnWord::Database, self.database.as_str()),
            (OwnWord::Product, PRODUCT),
        ]
    }
}

impl Password {
    /// The password from the typed text.
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
            // The alphabet has 32 letters, which divide 256, so each letter is equally likely.
            let letter = ONE_TIME_ALPHABET.get(usize::from(byte) % ONE_TIME_ALPHABET.len());
            text.extend(letter.map(|letter| char::from(*letter)));
        }
        Self::new(text)
    }

    /// The password, to hash it or to show a new one-time password once.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The form that is judged and hashed: Unicode NFKC, as NIST SP 800-63B-4 3.1.1.2 says. Keyboards and
    /// systems compose letters differently, and some type full-width forms.
    pub(crate) fn normalised(&self) -> Self {
        let typed = self.expose();
        if is_nfkc(typed) {
            return self.duplicate();
        }
        // The capacity is the most that NFKC makes of UTF-8. So the text is never moved, and no piece stays
        // in memory.
        // <https://unicode.org/faq/normalization.html>
        let mut text = String::with_capacity(typed.len() * 11);
        text.extend(typed.nfkc());
        Self::new(text)
    }

    /// Whether both are the same password, in any spelling.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.normalised().expose() == other.normalised().expose()
    }

    /// A copy for a thread that hashes. It is wiped like the original.
    pub(crate) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    /// Whether the password is short enough to be hashed.
    pub(crate) fn is_hashable(&self) -> bool {
        self.expose().len() <= MAXIMUM_BYTES
    }

    /// Whether the password has at least `minimum` characters.
    pub(crate) fn check_length(&self, minimum: usize) -> Result<(), InvalidPassword> {
        if self.normalised().expose().chars().count() < minimum {
            return Err(InvalidPassword::TooShort { minimum });
        }
        Ok(())
    }

    /// Whether the password may be set: any Unicode, no rules of composition (ASVS 6.2.5), but no common
    /// password.
    pub(crate) fn check(
        &self,
        minimum: usize,
        owner: &PasswordOwner,
    ) -> Result<(), InvalidPassword> {
        if !self.is_hashable() {
            return Err(InvalidPassword::TooLong);
        }
        let normalised = self.normalised();
        let password = normalised.expose();
        self.check_length(minimum)?;
        let known = owner.known();
        if is_common(password, &known.map(|(_, text)| text)) {
            let own = most_of(password, &known);
            return Err(own.map_or(InvalidPassword::TooCommon, InvalidPassword::ContainsOwn));
        }
        Ok(())
    }
}

/// Whether an attacker who knows the account guesses the password within a million tries. Words of the
/// account are worth nothing, however often they are repeated.
fn is_common(password: &str, account: &[&str]) -> bool {
    let own: Vec<char> = without_words(password, account).chars().collect();
    let is_hard = |piece: &[char]| {
        let piece: String = piece.iter().collect();
        zxcvbn::zxcvbn(&piece, account).score() >= zxcvbn::Score::Two
    };
    !own.chunks(PIECE_CHARACTERS)
        .take(JUDGED_PIECES)
        .any(is_hard)
}

/// The origin of the words that take most of the password; `None` if the password has no words of the account.
fn most_of(password: &str, known: &[(OwnWord, &str)]) -> Option<OwnWord> {
    let left = |(_, text): &&(OwnWord, &str)| without_words(password, &[text]).chars().count();
    let (word, text) = known.iter().min_by_key(left)?;
    (without_words(password, &[text]) != password).then_some(*word)
}

fn phrase(word: OwnWord) -> &'static str {
    match word {
        OwnWord::Login => "the login",
        OwnWord::Name => "the name of the user",
        OwnWord::Database => "the name of the database",
        OwnWord::Product => "the name of the product",
    }
}

/// The password without the words of the account, in any case: the whole words, and their parts.
fn without_words<'a>(password: &'a str, account: &[&str]) -> Cow<'a, str> {
    let parts = account
        .iter()
        .flat_map(|name| name.split(|letter: char| !letter.is_alphanumeric()));
    let mut words: Vec<&str> = account.iter().copied().chain(parts).collect();
    words.retain(|word| word.chars().count() >= ACCOUNT_WORD_CHARACTERS);
    words.sort_by_key(|word| Reverse(word.len()));
    let pattern = words.iter().map(|word| regex::escape(word));
    let pattern = pattern.collect::<Vec<_>>().join("|");
    if pattern.is_empty() {
        return Cow::Borrowed(password);
    }
    match RegexBuilder::new(&pattern).case_insensitive(true).build() {
        Ok(words) => words.replace_all(password, ""),
        // The pattern would have too many words. zxcvbn also knows them, so nothing is removed here.
        Err(_too_large) => Cow::Borrowed(password),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    fn owner(login: &str, name: &str) -> PasswordOwner {
        PasswordOwner {
            login: login.to_owned(),
            name: name.to_owned(),
            database: "acme".parse().unwrap(),
        }
    }

    fn check(password: &str) -> Result<(), InvalidPassword> {
        let owner = owner("ada.lovelace@example.com", "Augusta King");
        Password::new(password.to_owned()).check(8, &owner)
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
        ] {
            assert_eq!(check(bad), Err(InvalidPassword::TooCommon), "{bad}");
        }
    }

    #[test]
    fn words_of_the_account_are_worth_nothing() {
        let check = |password: &str, login| {
            Password::new(password.to_owned()).check(15, &owner(login, "Grace Hopper"))
        };
        for (bad, login, word) in [
            ("admin admin admin", "admin", OwnWord::Login),
            ("eva.lang eva.lang", "eva.lang", OwnWord::Login),
            ("Eva+Lang=Lang+Eva", "eva.lang", OwnWord::Login),
            ("hopper Grace 1906", "eva.lang", OwnWord::Name),
            ("Grace Hopper 1906", "grace", OwnWord::Name),
            ("latchkey LATCHKEY", "ada", OwnWord::Product),
            ("acme-acme-acme-acme1", "ada", OwnWord::Database),
            (
                "maximilian.mustermann-lindau@example.com1",
                "maximilian.mustermann-lindau@example.com",
                OwnWord::Login,
            ),
        ] {
            let refused = Err(InvalidPassword::ContainsOwn(word));
            assert_eq!(check(bad, login), refused, "{bad}");
        }
        assert_eq!(check("admin of the green boat", "admin"), Ok(()));
        assert_eq!(check("grace of the green boat", "admin"), Ok(()));
        assert_eq!(check("a maximum of nothing", "a"), Ok(()));
    }

    #[test]
    fn a_hard_piece_makes_a_hard_password() {
        let start = "a".repeat(PIECE_CHARACTERS * (JUDGED_PIECES - 1));
        assert_eq!(check(&start), Err(InvalidPassword::TooCommon));
        assert_eq!(check(&format!("{start} correct horse")), Ok(()));
    }

    /// Tests check arithmetic: an overflow here would give a random judgement in a release.
    #[test]
    fn no_pattern_of_keys_is_more_than_the_arithmetic_takes() {
        for keys in [
            "qw",
            "147896325",
            "aqwsedrf",
            "159357",
            "QaZxSw",
            ".,mnbvcxz",
        ] {
            let password: String = keys.chars().cycle().take(1000).collect();
            // The judgement does not matter here, only that there is one.
            let answer = check(&password);
            assert!(matches!(answer, Ok(()) | Err(InvalidPassword::TooCommon)));
        }
    }

    #[test]
    fn a_one_time_password_passes_its_own_rules() {
        let password = Password::one_time(&SystemRandom);
        assert_eq!(password.expose().len(), 23);
        assert_eq!(password.check(15, &owner("admin", "Administrator")), Ok(()));
        assert_ne!(
            password.expose(),
            Password::one_time(&SystemRandom).expose()
        );
    }
}
