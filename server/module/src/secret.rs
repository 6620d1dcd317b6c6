//! A secret in the section of a module.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// What is printed in place of a secret.
const MASK: &str = "***";

/// An option that no log and no printed configuration shows, such as a key or a password. An error about the value does not quote it.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The secret.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

/// The mask; nothing for an empty secret, so that an administrator sees that there is none.
impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(if self.expose().is_empty() { "" } else { MASK })
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from);
        let text =
            text.map_err(|_quotes_the_value| D::Error::custom("must be a text in quotes"))?;
        Ok(Self(text.into()))
    }
}
