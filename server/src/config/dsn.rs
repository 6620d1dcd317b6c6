//! The address of the PostgreSQL server, which usually holds a password.

use std::{fmt, str::FromStr};

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use thiserror::Error;
use url::Url;

/// The permitted parameters after the `?`. sqlx would ignore an unknown parameter and log its value.
const PARAMETERS: [&str; 19] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
    "options[…]",
];

const SSL_MODES: [&str; 6] = [
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];

/// A checked `postgres://…` URL to connect with. Only [`Dsn::expose`] shows it.
#[derive(Clone)]
pub struct Dsn {
    text: SecretString,
    options: PgConnectOptions,
}

/// The refusal of a text that is no such URL. It repeats nothing of the text, which may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DsnError {
    /// The scheme is another, or the text has the `key=value` form.
    #[error(
        "must begin with `postgres://` or `postgresql://` (the value is not shown because it may hold a password)"
    )]
    Scheme,
    /// The parts of the URL are ambiguous.
    #[error(
        "is not a URL such as postgres://user:password@host/postgres; in a user name or password write `@` as %40, `:` as \
         %3A, `/` as %2F, `?` as %3F, `#` as %23 and `%` as %25 (the value is not shown because it may hold a password)"
    )]
    Malformed,
    /// The URL names no host, neither in its place nor as a parameter.
    #[error(
        "names no host: write postgres://user:password@host/postgres, or `?host=/run/postgresql` for a socket"
    )]
    NoHost,
    /// The URL names several hosts. Other clients try hosts one after the other; sqlx does not.
    #[error(
        "names more than one host: name one, such as the address that leads to the primary server"
    )]
    ManyHosts,
    /// The `sslmode` has an unknown value.
    #[error("has an unknown `sslmode`; there are {}", SSL_MODES.join(", "))]
    SslMode,
    /// The parameter has no meaning here.
    #[error("has an unknown parameter after the `?`; there are {}", PARAMETERS.join(", "))]
    Parameter,
    /// The parameter's value cannot be read, such as a port that is no number.
    #[error("has a parameter after the `?` whose value cannot be read")]
    Value,
}

impl Dsn {
    /// The whole URL.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// The options of the URL, to connect with.
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }
}

impl FromStr for Dsn {
    type Err = DsnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text
            .strip_prefix("postgres://")
            .or_else(|| text.strip_prefix("postgresql://"))
            .ok_or(DsnError::Scheme)?;
        check(text, rest)?;
        // The parser's own error could repeat a part of the text.
        let options: PgConnectOptions = text.parse().ok().ok_or(DsnError::Value)?;
        // PgBouncer refuses this parameter, and Latchkey reads no fractional numbers.
        let options = options.extra_float_digits(None);
        let text = SecretString::from(text);
        Ok(Self { text, options })
    }
}

fn check(text: &str, rest: &str) -> Result<(), DsnError> {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    // A `@` after the host belongs to a password that a raw `/`, `?` or `#` has cut in two.
    let is_cut = rest
        .get(authority.len()..)
        .is_some_and(|rest| rest.contains(['@', '#']));
    if is_cut || !has_whole_escapes(rest) {
        return Err(DsnError::Malformed);
    }
    if host.contains(',') {
        return Err(DsnError::ManyHosts);
    }
    // `user@/name?host=…` is usual for sockets, although it is no URL by the standard.
    if host.is_empty() || host.starts_with(':') {
        return Err(DsnError::NoHost);
    }
    let url = Url::parse(text).ok().ok_or(DsnError::Malformed)?;
    for (name, value) in url.query_pairs() {
        check_parameter(&name, &value)?;
    }
    Ok(())
}

/// Whether each `%` begins an escape. Any other `%` is a raw character of a password.
fn has_whole_escapes(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let digits = after.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

fn check_parameter(name: &str, value: &str) -> Result<(), DsnError> {
    match name {
        "sslmode" | "ssl-mode" if !SSL_MODES.contains(&value) => Err(DsnError::SslMode),
        "host" if value.is_empty() => Err(DsnError::NoHost),
        "host" | "hostaddr" if value.contains(',') => Err(DsnError::ManyHosts),
        _ if PARAMETERS.contains(&name) || name.starts_with("options[") => Ok(()),
        _ => Err(DsnError::Parameter),
    }
}

/// Masked text. Host and user are left out too: in a malformed URL the password may begin anywhere.
impl fmt::Display for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://***")
    }
}

impl fmt::Debug for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_way_of_printing_shows_the_password() {
        let dsn: Dsn = "postgres://me:hunter2@db/postgres".parse().unwrap();
        assert_eq!(dsn.expose(), "postgres://me:hunter2@db/postgres");
        let printed = format!("{dsn:?} {dsn:#?} {dsn}");
        assert!(!printed.contains("hunter2") && printed.contains("postgres://***"));
    }

    #[test]
    fn what_can_be_connected_with_is_accepted() {
        for text in [
            "postgres://db",
            "postgresql://me@db:5433/postgres",
            "postgres://me:p%40%3A%2F%3F%23%25@db/postgres?sslmode=verify-full",
            "postgres://me:a:b@[::1]:5432/postgres",
            "postgres://localhost/postgres?host=/run/postgresql&port=5433",
            "postgres://me@%2Frun%2Fpostgresql/postgres",
            "postgres://db/postgres?options[search_path]=x&application_name=y",
        ] {
            let parsed = text.parse::<Dsn>();
            assert!(parsed.is_ok(), "{text}: {:?}", parsed.err());
        }
        let dsn: Dsn = "postgres://me:p%40@db:5433/x".parse().unwrap();
        let options = dsn.options();
        assert_eq!(
            (
                options.get_host(),
                options.get_port(),
                options.get_database()
            ),
            ("db", 5433, Some("x"))
        );
    }

    #[test]
    fn a_refusal_gives_the_reason_and_nothing_of_the_text() {
        let cases = [
            ("host=db password=hunter2", DsnError::Scheme),
            ("postgres://me:hunter2/x@db/postgres", DsnError::Malformed),
            (
                "postgres://me:5432/hunter2@db/postgres",
                DsnError::Malformed,
            ),
            (
                "postgres://me:5432?hunter2@db/postgres",
                DsnError::Malformed,
            ),
            (
                "postgres://me:5432#hunter2@db/postgres",
                DsnError::Malformed,
            ),
            ("postgres://me:hunter2#x", DsnError::Malformed),
            ("postgres://me:hunter2%@db/postgres", DsnError::Malformed),
            ("postgres://me:hunter2%zz@db/postgres", DsnError::Malformed),
            ("postgres://me:x@db:hunter2/postgres", DsnError::Malformed),
            ("postgres://me:hunter2@db:99999/x", DsnError::Malformed),
            ("postgres://me:hunter2@/postgres", DsnError::NoHost),
            ("postgres:///postgres", DsnError::NoHost),
            ("postgres://", DsnError::NoHost),
            ("postgres://me:hunter2@:5432/x", DsnError::NoHost),
            ("postgres://me:hunter2@one,two/x", DsnError::ManyHosts),
            ("postgres://me:hunter2@one:1,two:2/x", DsnError::ManyHosts),
            (
                "postgres://me:hunter2@db/x?host=one,two",
                DsnError::ManyHosts,
            ),
            ("postgres://db/x?sslmode=hunter2", DsnError::SslMode),
            ("postgres://db/x?sslmode=REQUIRE", DsnError::SslMode),
            ("postgres://db/x?pasword=hunter2", DsnError::Parameter),
            ("postgres://db/x?port=hunter2", DsnError::Value),
        ];
        for (text, reason) in cases {
            let refusal = text.parse::<Dsn>().err();
            assert_eq!(refusal, Some(reason), "{text}");
            assert!(!reason.to_string().contains("hunter2"), "{text}");
        }
    }
}
