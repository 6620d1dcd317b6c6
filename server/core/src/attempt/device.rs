//! Devices that their owner has logged in with before.
//!
//! <https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies>: a browser
//! that was let in once gets a cookie. With it, the account's failures are not counted against the
//! owner, and the device's own are: a stranger who hammers the account locks out strangers only.

use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::ZeroizeOnDrop;

use crate::{random::Random, session::DeviceName};

/// 128 random bits in the device cookie. They sign nobody in. What they are good for: a counter of
/// one's own, and to be taken for a device that its owner knows, by its name. No `Debug`, no
/// `Serialize`, as for every secret.
#[derive(ZeroizeOnDrop)]
pub struct DeviceToken([u8; 16]);

/// What the device cookie of a database holds: a token for each account that is used with this
/// browser, the newest first. With one token for all of them, whoever brings a browser that they have
/// used themselves to somebody else's account would hold the token of that one too.
#[derive(Default)]
pub struct DeviceTokens(Vec<DeviceToken>);

/// More accounts are not used with one browser; the cookie stays short.
const MOST_TOKENS: usize = 5;

/// SHA-256 of a token: all that PostgreSQL sees.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DeviceTokenHash([u8; 32]);

/// Whether a device that logs in gets to be known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RememberDevice {
    /// It is the person's own.
    #[default]
    Yes,
    /// Others use it too.
    No,
}

/// The device that a session is opened on.
pub(crate) struct LoggedInDevice {
    /// Its id among the known devices; none for a shared computer.
    pub id: Option<Uuid>,
    /// What the person calls it.
    pub name: Option<DeviceName>,
    /// Since when the account knows it, if somebody had logged in to the account before.
    pub new_since: Option<OffsetDateTime>,
    /// For the cookie, if it gets to be known by this log-in.
    pub token: Option<DeviceToken>,
}

impl DeviceToken {
    pub(crate) fn new(random: &dyn Random) -> Self {
        Self(random.bytes())
    }

    /// 32 hexadecimal digits, or it is none.
    pub fn from_cookie(text: &str) -> Option<Self> {
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let bits = u128::from_str_radix(text, 16).ok()?;
        Some(Self(bits.to_be_bytes()))
    }

    fn to_cookie(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.0))
    }

    /// What to look for in PostgreSQL.
    pub fn hash(&self) -> DeviceTokenHash {
        DeviceTokenHash(Sha256::digest(self.0).into())
    }
}

impl DeviceTokens {
    /// Takes what a cookie brought: tokens with dots between them. What is none is passed over.
    pub fn from_cookie(text: &str) -> Self {
        let tokens = text.split('.').filter_map(DeviceToken::from_cookie);
        Self(tokens.take(MOST_TOKENS).collect())
    }

    /// The cookie's value, with one more token if there is one; `None` if it would hold nothing.
    pub fn to_cookie_with(&self, new: Option<&DeviceToken>) -> Option<String> {
        let tokens = new.into_iter().chain(&self.0).take(MOST_TOKENS);
        let words: Vec<String> = tokens.map(DeviceToken::to_cookie).collect();
        (!words.is_empty()).then(|| words.join("."))
    }

    /// What to look for in PostgreSQL.
    pub fn hashes(&self) -> Vec<DeviceTokenHash> {
        self.0.iter().map(DeviceToken::hash).collect()
    }
}

impl DeviceTokenHash {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn a_token_survives_its_cookie_and_nothing_else_is_one() {
        let token = DeviceToken::new(&SystemRandom);
        let cookie = token.to_cookie();
        let read = DeviceToken::from_cookie(&cookie).unwrap();
        assert!(read.hash() == token.hash());
        for bad in [
            "",
            "x",
            &cookie[1..],
            "+0000000000000000000000000000000",
            &"g".repeat(32),
        ] {
            assert!(DeviceToken::from_cookie(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn a_cookie_holds_the_five_newest_tokens() {
        let none = DeviceTokens::from_cookie("x..\n");
        assert_eq!(none.to_cookie_with(None), None);
        let tokens = [(); 6].map(|()| DeviceToken::new(&SystemRandom));
        let mut cookie = String::new();
        for token in &tokens {
            let held = DeviceTokens::from_cookie(&cookie);
            cookie = held.to_cookie_with(Some(token)).unwrap();
        }
        let held = DeviceTokens::from_cookie(&format!("{cookie}.nonsense"));
        let hashes = held.hashes();
        assert_eq!(hashes.len(), 5);
        assert!(hashes[0] == tokens[5].hash() && hashes[4] == tokens[1].hash());
        assert_eq!(held.to_cookie_with(None), Some(cookie));
    }
}
