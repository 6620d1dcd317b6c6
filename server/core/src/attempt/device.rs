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

/// 128 random bits in the device cookie. They sign nobody in: all that they are good for is a
/// counter of one's own. No `Debug`, no `Serialize`, as for every secret.
#[derive(ZeroizeOnDrop)]
pub struct DeviceToken([u8; 16]);

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
    /// Since when the account knows it: since now, if it did not.
    pub known_since: OffsetDateTime,
    /// For the cookie, if it gets to be known by this log-in.
    pub token: Option<DeviceToken>,
}

impl DeviceToken {
    pub(crate) fn new(random: &dyn Random) -> Self {
        Self(random.bytes())
    }

    /// Takes what a cookie brought: 32 hexadecimal digits, or it is none.
    pub fn from_cookie(text: &str) -> Option<Self> {
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let bits = u128::from_str_radix(text, 16).ok()?;
        Some(Self(bits.to_be_bytes()))
    }

    /// The cookie's value.
    pub fn to_cookie(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.0))
    }

    /// What to look for in PostgreSQL.
    pub fn hash(&self) -> DeviceTokenHash {
        DeviceTokenHash(Sha256::digest(self.0).into())
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
}
