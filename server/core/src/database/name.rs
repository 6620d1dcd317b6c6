//! The names of databases.

use std::{fmt, str::FromStr, sync::Arc};

/// The name of a database: 1 to 63 characters of `A-Z a-z 0-9 _ . -`, of which the first is a letter, a digit or `_`.
/// Such a name is safe in the name of a cookie, in a URL and, quoted, in SQL. Cloning is cheap, because many requests
/// of strangers get a list of all names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DatabaseName(Arc<str>);

/// The error for a text that is not a valid name of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a database name has 1 to 63 letters, digits, '_', '.' or '-', and starts with a letter, a digit or '_'"
)]
pub struct InvalidDatabaseName;

impl DatabaseName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatabaseName {
    type Err = InvalidDatabaseName;

    fn from_str(text: &str) -> Result<Self, InvalidDatabaseName> {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        let starts_well = !text.starts_with(['.', '-']);
        if (1..=63).contains(&text.len()) && starts_well && text.bytes().all(known) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidDatabaseName)
        }
    }
}

impl fmt::Display for DatabaseName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_safe_in_cookies_urls_and_sql() {
        for good in ["acme", "Acme-2", "a.b_c", "_x", "9"] {
            assert!(good.parse::<DatabaseName>().is_ok(), "{good}");
        }
        let long = "a".repeat(64);
        for bad in [
            "", "-a", ".a", "a b", "a\"b", "a;b", "a=b", "é", "a/b", "a%00", &long,
        ] {
            assert_eq!(
                bad.parse::<DatabaseName>(),
                Err(InvalidDatabaseName),
                "{bad:?}"
            );
        }
    }
}
