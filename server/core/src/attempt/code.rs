//! Log-in codes. A code lets one attempt pass the throttles. The attempt still needs the password.

use sha2::{Digest as _, Sha256};
use time::Duration;
use zeroize::ZeroizeOnDrop;

use crate::random::Random;

/// The time for which a code is good.
pub const LOG_IN_CODE_IS_GOOD_FOR: Duration = Duration::minutes(10);

/// Crockford's base 32: no I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A log-in code: 40 random bits, shown and typed as eight characters. The type has no `Debug` and no `Serialize`, as
/// every secret.
#[derive(ZeroizeOnDrop)]
pub struct LogInCode(String);

/// SHA-256 of a code. PostgreSQL sees only the hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LogInCodeHash([u8; 32]);

/// The content of the form's field for the log-in code.
#[derive(Clone, Copy, Default)]
pub enum TypedCode {
    /// The field was empty or missing.
    #[default]
    None,
    /// The text cannot be a code. It counts like a wrong code.
    Malformed,
    /// The hash of a text that can be a code.
    Hash(LogInCodeHash),
}

impl LogInCode {
    pub(crate) fn new(random: &dyn Random) -> Self {
        let bytes: [u8; 8] = random.bytes();
        // All characters are equally likely, because 256 is a multiple of 32.
        let characters = bytes
            .iter()
            .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)));
        Self(characters.map(|&character| char::from(character)).collect())
    }

    /// Parses a typed code. Case, spaces and hyphens do not matter, and letters that look like digits count as digits.
    /// `None` if the text cannot be a code.
    pub fn from_typed(typed: &str) -> Option<Self> {
        let meant = |character: char| match character.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let characters = typed
            .chars()
            .filter(|it| !it.is_whitespace() && *it != '-')
            .map(meant);
        let code: String = characters.take(9).collect();
        let is_code = code.len() == 8 && code.bytes().all(|byte| ALPHABET.contains(&byte));
        is_code.then_some(Self(code))
    }

    /// The code for people, in two groups of four characters.
    pub fn to_shown(&self) -> String {
        let (first, second) = self.0.split_at(4);
        format!("{first}-{second}")
    }

    /// The hash to look for in PostgreSQL.
    pub fn hash(&self) -> LogInCodeHash {
        LogInCodeHash(Sha256::digest(&self.0).into())
    }
}

impl LogInCodeHash {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl TypedCode {
    /// Parses the field of a form.
    pub fn of(typed: Option<&str>) -> Self {
        match typed.map(str::trim).filter(|typed| !typed.is_empty()) {
            None => Self::None,
            Some(typed) => {
                LogInCode::from_typed(typed).map_or(Self::Malformed, |code| Self::Hash(code.hash()))
            }
        }
    }

    pub(super) fn hash(&self) -> Option<&[u8]> {
        match self {
            Self::Hash(hash) => Some(hash.as_bytes()),
            Self::None | Self::Malformed => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn a_code_is_typed_as_people_type() {
        let code = LogInCode::new(&SystemRandom);
        let shown = code.to_shown();
        assert_eq!(shown.len(), 9);
        for typed in [
            shown.clone(),
            shown.to_lowercase(),
            shown.replace('-', "  "),
            format!(" {shown}\n"),
        ] {
            assert!(
                LogInCode::from_typed(&typed).unwrap().hash() == code.hash(),
                "{typed:?}"
            );
        }
        let lookalikes = LogInCode::from_typed("oO0i-lI1A").unwrap();
        assert_eq!(lookalikes.to_shown(), "0001-111A");
        for bad in [
            "",
            "ABCD-EFG",
            "ABCD-EFGHJ",
            "ABCD-EFGU",
            "ÄBCD-EFGH",
            "ABCD_EFGH",
        ] {
            assert!(LogInCode::from_typed(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn codes_have_forty_bits() {
        struct Counting;
        impl Random for Counting {
            fn fill(&self, bytes: &mut [u8]) {
                (0_u8..)
                    .map(|byte| byte * 5)
                    .zip(bytes)
                    .for_each(|(value, byte)| *byte = value);
            }
        }
        let code = LogInCode::new(&Counting).to_shown();
        assert_eq!(code, "05AF-MSY3");
    }
}
