//! The secret in the cookie, its hash, and its relation to the session.

use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use zeroize::ZeroizeOnDrop;

use crate::random::Random;

/// 128 random bits (OWASP ASVS 7.2.3). A request that brings them runs as the session's user. The type has
/// no `Debug`, no `Display` and no `Serialize`: tokens leave only towards the cookie.
#[derive(ZeroizeOnDrop)]
pub struct SessionToken([u8; 16]);

/// SHA-256 of a token. PostgreSQL sees only the hash. The token has full entropy, so it needs no salt and no slow hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash([u8; 32]);

/// The token that a request brought.
#[derive(Clone)]
pub(crate) struct PresentedToken {
    pub standing: Standing,
    /// The moment at which the session's own token was issued.
    pub issued_at: OffsetDateTime,
    /// The client that the session's own token was sent to, if that is known.
    pub issued_to: Option<ClientHash>,
    /// The number of unused tokens in a row, while the session's own token is unused.
    pub unused: i32,
}

/// The relation of the presented token to the session's own token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The presented token is the session's own.
    Current,
    /// The token was replaced within the grace.
    InGrace,
    /// The token was replaced, and no request has brought one of its successors.
    SuccessorUnused,
    /// The token was replaced longer ago than the grace.
    Stale,
}

/// SHA-256 of a client's network and agent.
pub(crate) type ClientHash = [u8; 32];

impl SessionToken {
    pub(crate) fn new(random: &dyn Random) -> Self {
        Self(random.bytes())
    }

    /// The token with the bits from a cookie.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bits, for a cookie.
    pub fn to_bytes(&self) -> [u8; 16] {
        self.0
    }

    /// The hash to look for in PostgreSQL.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0).into())
    }
}

impl TokenHash {
    /// Parses the text that [`Self::to_hex`] returns.
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut hash = [0; 32];
        for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(Self(hash))
    }

    /// The hash as 64 hexadecimal digits. The token cannot be computed from them.
    pub fn to_hex(self) -> String {
        let mut text = String::new();
        for byte in self.0 {
            text.extend(
                [byte >> 4, byte & 15]
                    .map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0')),
            );
        }
        text
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
