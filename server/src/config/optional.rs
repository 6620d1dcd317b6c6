//! Options that may be absent, written as a word (`""`, `"none"` or `"0"`): TOML has no null, and the printed configuration
//! should show every option.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

/// For `#[serde(with = "optional::empty")]`: absent is `""`.
pub(super) mod empty {
    use super::{Deserializer, Display, FromStr, Serializer};

    #[expect(
        clippy::ref_option,
        reason = "serde calls it with a reference to the field"
    )]
    pub fn serialize<T: Display, S: Serializer>(
        value: &Option<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        super::write(value.as_ref(), "", to)
    }

    pub fn deserialize<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        super::read(from, "")
    }
}

/// For `#[serde(with = "optional::none")]`: absent is `"none"`.
pub(super) mod none {
    use super::{Deserializer, Display, FromStr, Serializer};

    #[expect(
        clippy::ref_option,
        reason = "serde calls it with a reference to the field"
    )]
    pub fn serialize<T: Display, S: Serializer>(
        value: &Option<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        super::write(value.as_ref(), "none", to)
    }

    pub fn deserialize<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        super::read(from, "none")
    }
}

/// For `#[serde(with = "optional::zero")]`: absent is `"0"`.
pub(super) mod zero {
    use super::{Deserializer, Display, FromStr, Serializer};

    #[expect(
        clippy::ref_option,
        reason = "serde calls it with a reference to the field"
    )]
    pub fn serialize<T: Display, S: Serializer>(
        value: &Option<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        super::write(value.as_ref(), "0", to)
    }

    pub fn deserialize<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        super::read(from, "0")
    }
}

fn write<T: Display, S: Serializer>(
    value: Option<&T>,
    absent: &str,
    to: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => to.collect_str(value),
        None => to.serialize_str(absent),
    }
}

fn read<'de, T, D>(from: D, absent: &str) -> Result<Option<T>, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    let text = String::deserialize(from)?;
    if text == absent {
        return Ok(None);
    }
    text.parse().map(Some).map_err(D::Error::custom)
}
