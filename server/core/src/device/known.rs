//! Known devices: the owner has logged in with them before.
//!
//! <https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies>: a browser that logged in
//! once gets a device cookie. The cookie is a sign of the owner (see `attempt/recognized.rs`). Each log-in replaces the token,
//! so that a copy of the cookie is good until the owner's next log-in at most.

use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::ZeroizeOnDrop;

use super::DeviceName;
use crate::random::Random;

/// 128 random bits in the device cookie. The token gives its device a counter and the name that the owner chose. It
/// does not replace the password. The type has no `Debug` and no `Serialize`, as every secret.
#[derive(ZeroizeOnDrop)]
pub struct DeviceToken([u8; 16]);

/// The content of the device cookie of a database: a token for each account that is used with this browser, the
/// newest first. With one token for all accounts, a person who has used a browser would hold the token of the next
/// account that logs in with this browser.
#[derive(Default)]
pub struct DeviceTokens(Vec<DeviceToken>);

/// The largest number of tokens in a device cookie. The limit keeps the cookie short; few browsers serve more
/// accounts.
const MOST_TOKENS: usize = 5;

/// SHA-256 of a token. PostgreSQL sees only the hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DeviceTokenHash([u8; 32]);

/// A token for the device cookie. Each log-in gives the device a new token.
pub struct IssuedDeviceToken {
    /// The new token.
    pub token: DeviceToken,
    /// The hash of the token that the new token replaces.
    pub replaces: Option<DeviceTokenHash>,
}

/// A device that the user has logged in with before.
#[derive(Clone, Copy)]
pub(crate) struct KnownDevice {
    pub id: Uuid,
    /// The hash of the browser's token that matched this device.
    pub presented: DeviceTokenHash,
}

/// Whether the account knows a device after the log-in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RememberDevice {
    /// The device is the person's own.
    #[default]
    Yes,
    /// Other people use the device, too.
    No,
}

/// The device that a session is opened on.
pub(crate) struct LoggedInDevice {
    /// The id of the known device; `None` on a shared computer.
    pub id: Option<Uuid>,
    /// The name that the person gave the device.
    pub name: Option<DeviceName>,
    /// The moment since which the account knows the device; `None` if the account had no log-in before.
    pub new_since: Option<OffsetDateTime>,
    /// The token for the device cookie; `None` on a shared computer, or if a parallel log-in got the new token.
    pub token: Option<IssuedDeviceToken>,
}

impl DeviceToken {
    pub(crate) fn new(random: &dyn Random) -> Self {
        Self(random.bytes())
    }

    /// Parses 32 hexadecimal digits; any other text is `None`.
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

    /// The hash to look for in PostgreSQL.
    pub fn hash(&self) -> DeviceTokenHash {
        DeviceTokenHash(Sha256::digest(self.0).into())
    }
}

impl DeviceTokens {
    /// Parses a device cookie: tokens separated by dots. Parts that are no tokens are skipped.
    pub fn from_cookie(text: &str) -> Self {
        let tokens = text.split('.').filter_map(DeviceToken::from_cookie);
        Self(tokens.take(MOST_TOKENS).collect())
    }

    /// The cookie's value after a new token was issued.
    pub fn to_cookie_with(&self, issued: &IssuedDeviceToken) -> String {
        let kept = self
            .0
            .iter()
            .filter(|held| Some(held.hash()) != issued.replaces);
        let tokens = std::iter::once(&issued.token).chain(kept).take(MOST_TOKENS);
        let words: Vec<String> = tokens.map(DeviceToken::to_cookie).collect();
        words.join(".")
    }

    /// The hashes to look for in PostgreSQL.
    pub fn hashes(&self) -> Vec<DeviceTokenHash> {
        self.0.iter().map(DeviceToken::hash).collect()
    }
}

impl DeviceTokenHash {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The hash from PostgreSQL, where a constraint ensures 32 bytes.
    pub(crate) fn from_stored(bytes: Vec<u8>) -> Option<Self> {
        bytes.try_into().ok().map(Self)
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

    fn issued(replaces: Option<DeviceTokenHash>) -> IssuedDeviceToken {
        let token = DeviceToken::new(&SystemRandom);
        IssuedDeviceToken { token, replaces }
    }

    #[test]
    fn a_cookie_holds_the_five_newest_tokens() {
        assert!(DeviceTokens::from_cookie("x..\n").hashes().is_empty());
        let tokens = [(); 6].map(|()| issued(None));
        let mut cookie = String::new();
        for token in &tokens {
            cookie = DeviceTokens::from_cookie(&cookie).to_cookie_with(token);
        }
        let held = DeviceTokens::from_cookie(&format!("{cookie}.nonsense"));
        let hashes = held.hashes();
        assert_eq!(hashes.len(), 5);
        assert!(hashes[0] == tokens[5].token.hash() && hashes[4] == tokens[1].token.hash());
    }

    #[test]
    fn a_new_token_takes_the_place_of_the_devices_old_one() {
        let (ada, eve) = (issued(None), issued(None));
        let cookie = DeviceTokens::default().to_cookie_with(&ada);
        let cookie = DeviceTokens::from_cookie(&cookie).to_cookie_with(&eve);
        let renewed = issued(Some(ada.token.hash()));
        let cookie = DeviceTokens::from_cookie(&cookie).to_cookie_with(&renewed);
        let hashes = DeviceTokens::from_cookie(&cookie).hashes();
        assert!(hashes == [renewed.token.hash(), eve.token.hash()]);
    }
}
