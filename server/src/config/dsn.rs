//! The address of the PostgreSQL server, which usually holds a password.

use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// A `postgres://…` URL that shows itself to nobody who does not ask with [`Dsn::expose`].
#[derive(Debug, Clone)]
pub struct Dsn(SecretString);

/// The text is not such a URL. Says nothing about the text, which may hold a password.
#[derive(Debug, Error)]
pub enum DsnError {
    /// Another scheme, or the `key=value` form.
    #[error(
        "must begin with `postgres://` or `postgresql://` (the value is not shown because it may hold a password)"
    )]
    Scheme,
}

impl Dsn {
    /// The whole URL, to connect with.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl FromStr for Dsn {
    type Err = DsnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_postgres = ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| text.starts_with(scheme));
        if is_postgres {
            Ok(Self(SecretString::from(text)))
        } else {
            Err(DsnError::Scheme)
        }
    }
}

/// Masked: the host and the user are left out too, because nobody can tell where a malformed URL's password begins.
impl fmt::Display for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_way_of_printing_shows_the_password() {
        let dsn = "postgres://me:hunter2@db/postgres".parse::<Dsn>().ok();
        assert_eq!(
            dsn.as_ref().map(Dsn::expose),
            Some("postgres://me:hunter2@db/postgres")
        );
        let printed = format!(
            "{dsn:?} {dsn:#?} {}",
            dsn.as_ref().map(Dsn::to_string).unwrap_or_default()
        );
        assert!(!printed.contains("hunter2") && printed.contains("postgres://***"));
    }

    #[test]
    fn the_refusal_does_not_repeat_the_text() {
        let refusal = "host=db password=hunter2"
            .parse::<Dsn>()
            .err()
            .map(|error| error.to_string());
        assert!(refusal.is_some_and(|text| !text.contains("hunter2")));
    }
}
