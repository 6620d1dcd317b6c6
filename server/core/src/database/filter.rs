//! The databases that a request may see, by the host name of the request.

use std::{fmt, net::IpAddr, str::FromStr};

use regex::{Regex, RegexBuilder};
use thiserror::Error;

use super::DatabaseName;

/// Largest size of one compiled pattern, in bytes.
const MAX_COMPILED: usize = 1 << 20;

/// A regular expression for database names. `%h` stands for the request's host name and `%d` for the first label of the
/// host name, both without a leading `www.` and taken literally, as in Odoo's `--db-filter`.
///
/// The pattern must match the *whole* name. In Odoo the pattern `acme` also matches `acme_internal`, which is a
/// surprise in a setting that keeps tenants apart.
#[derive(Debug, Clone)]
pub struct DatabaseFilter {
    pattern: String,
    /// The compiled pattern, if the pattern has no placeholder and so is the same for every host. A request with the
    /// name of an existing database applies the filter once more than a request with an invented name. If each use
    /// compiled the pattern, the time of the answer would reveal which names exist.
    of_all_hosts: Option<Regex>,
}

/// The error for a pattern that is not a regular expression.
#[derive(Debug, Error)]
#[error("is not a regular expression: {}", last_line(.0))]
pub struct DatabaseFilterError(#[from] regex::Error);

/// The last line of the error's text. The lines before it quote the pattern with an example host, which the
/// administrator has not written.
fn last_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

impl DatabaseFilter {
    /// The `databases` that a request for `host` may see. `host` is the `Host` header, with or without a port.
    ///
    /// No database is visible if the pattern does not compile with this host. A pattern with a placeholder is compiled
    /// once a call, a pattern without a placeholder never.
    pub fn visible<'a>(
        &self,
        host: &str,
        databases: impl IntoIterator<Item = &'a str>,
    ) -> Vec<&'a str> {
        let of_host;
        let pattern = match &self.of_all_hosts {
            Some(pattern) => pattern,
            None => match self.compile(host) {
                Ok(pattern) => {
                    of_host = pattern;
                    &of_host
                }
                Err(_) => return Vec::new(),
            },
        };
        databases
            .into_iter()
            .filter(|name| pattern.is_match(name))
            .collect()
    }

    /// Whether a request for `host` may see `database`.
    pub fn allows(&self, host: &str, database: &DatabaseName) -> bool {
        self.visible(host, [database.as_str()]).len() == 1
    }

    fn compile(&self, host: &str) -> Result<Regex, regex::Error> {
        let host = host_name(host);
        let label = first_label(&host);
        let filled = self
            .pattern
            .replace("%h", &regex::escape(&host))
            .replace("%d", &regex::escape(label));
        // The pattern must also compile without the parentheses that this function adds: `a)|(b` compiles only inside
        // of them, and would then match more than whole names.
        build(&filled)?;
        build(&format!(r"\A(?:{filled})\z"))
    }
}

fn build(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(MAX_COMPILED).build()
}

/// The host name in lower case, without the port and a leading `www.`.
fn host_name(host: &str) -> String {
    let lower = host.to_ascii_lowercase();
    let name = match lower.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => &lower,
    };
    name.strip_prefix("www.").unwrap_or(name).to_owned()
}

/// The first label of a host name. An IP address has no labels and is returned whole: otherwise the first number of
/// 10.0.0.1 would select a database called `10`.
fn first_label(host: &str) -> &str {
    if host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        return host;
    }
    host.split('.').next().unwrap_or(host)
}

impl FromStr for DatabaseFilter {
    type Err = DatabaseFilterError;

    /// Compiles the pattern with a host name, an IPv4 address and an IPv6 address as examples, so that a bad pattern is
    /// refused here and not when a request arrives.
    fn from_str(pattern: &str) -> Result<Self, Self::Err> {
        let mut filter = Self {
            pattern: pattern.to_owned(),
            of_all_hosts: None,
        };
        for host in ["192.0.2.1:8069", "[2001:db8::1]:8069"] {
            filter.compile(host)?;
        }
        let compiled = filter.compile("acme.example.com")?;
        let has_placeholder = ["%h", "%d"].iter().any(|it| pattern.contains(it));
        filter.of_all_hosts = (!has_placeholder).then_some(compiled);
        Ok(filter)
    }
}

impl fmt::Display for DatabaseFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pattern)
    }
}

impl PartialEq for DatabaseFilter {
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern
    }
}

impl Eq for DatabaseFilter {}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["acme", "acme_internal", "acme.example.com", "globex", "10"];

    fn visible(pattern: &str, host: &str) -> Option<Vec<&'static str>> {
        pattern
            .parse::<DatabaseFilter>()
            .ok()
            .map(|filter| filter.visible(host, NAMES))
    }

    #[test]
    fn the_first_label_or_the_whole_host_selects_the_database() {
        for host in [
            "acme.example.com",
            "www.acme.example.com:8069",
            "ACME.example.com",
            "acme",
        ] {
            assert_eq!(visible("%d", host), Some(vec!["acme"]), "{host}");
        }
        assert_eq!(visible("^%d$", "acme.example.com"), Some(vec!["acme"]));
        assert_eq!(
            visible("%h", "www.acme.example.com"),
            Some(vec!["acme.example.com"])
        );
        assert_eq!(
            visible("%d(_.*)?", "acme.example.com"),
            Some(vec!["acme", "acme_internal"])
        );
    }

    #[test]
    fn the_whole_name_must_match() {
        assert_eq!(visible("acme", "any"), Some(vec!["acme"]));
        assert_eq!(visible("acme|globex", "any"), Some(vec!["acme", "globex"]));
    }

    #[test]
    fn a_pattern_is_compiled_anew_only_for_a_placeholder() {
        let is_compiled = |pattern: &str| {
            let filter = pattern.parse::<DatabaseFilter>().ok();
            filter.is_some_and(|filter| filter.of_all_hosts.is_some())
        };
        assert!(is_compiled("acme|globex") && is_compiled("acme.*") && is_compiled("a%x"));
        assert!(!is_compiled("%d") && !is_compiled("%h|acme"));
    }

    #[test]
    fn a_host_is_never_a_pattern() {
        for host in [
            ".*",
            "a.*",
            "acme|globex",
            "",
            "%d",
            "a)|(.*",
            "[",
            "10.0.0.1",
            "10.0.0.1:8069",
        ] {
            assert_eq!(visible("%d", host), Some(vec![]), "{host}");
        }
    }

    #[test]
    fn a_pattern_that_does_not_compile_or_breaks_out_is_refused() {
        for pattern in [
            "(",
            "acme)|(.*",
            "[a-%h",
            "a{99999999}",
            "%d\\",
            "(?x) acme # rest",
        ] {
            assert!(pattern.parse::<DatabaseFilter>().is_err(), "{pattern}");
        }
    }
}
