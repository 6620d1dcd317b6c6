//! Options that may be absent, written as a word (`""`, `"none"` or `"0"`): TOML has no null, and the printed configuration
//! should show every option.

use std::{fmt::Display, str::FromStr};

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

/// serde's `with` takes a module with two functions, and modules have no parameters. So a macro makes one
/// module for each word.
macro_rules! absent_is {
    ($word:literal, $name:ident) => {
        #[doc = concat!("For `#[serde(with = \"optional::", stringify!($name), "\")]`: absent is `\"", $word, "\"`.")]
        pub(super) mod $name {
            use super::{Deserializer, Display, FromStr, Serializer};

            #[expect(
                clippy::ref_option,
                reason = "serde calls it with a reference to the field"
            )]
            pub fn serialize<T: Display, S: Serializer>(
                value: &Option<T>,
                to: S,
            ) -> Result<S::Ok, S::Error> {
                super::write(value.as_ref(), $word, to)
            }

            pub fn deserialize<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
            where
                T: FromStr<Err: Display>,
                D: Deserializer<'de>,
            {
                super::read(from, $word)
            }
        }
    };
}

absent_is!("", empty);
absent_is!("none", none);
absent_is!("0", zero);

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

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize, Serialize)]
    struct Written {
        #[serde(with = "empty")]
        empty: Option<u8>,
        #[serde(with = "none")]
        none: Option<u8>,
        #[serde(with = "zero")]
        zero: Option<u8>,
    }

    #[test]
    fn each_has_its_own_word_for_absent_and_reads_what_it_writes() {
        let absent = Written {
            empty: None,
            none: None,
            zero: None,
        };
        let present = Written {
            empty: Some(1),
            none: Some(0),
            zero: Some(2),
        };
        for (written, text) in [
            (absent, r#"{"empty":"","none":"none","zero":"0"}"#),
            (present, r#"{"empty":"1","none":"0","zero":"2"}"#),
        ] {
            assert_eq!(serde_json::to_string(&written).unwrap(), text);
            assert_eq!(serde_json::from_str::<Written>(text).unwrap(), written);
        }
    }
}
