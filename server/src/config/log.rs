//! `[log]`: the level and the form of log lines.

use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

use super::problem::Complaint;

/// The level and the form of log lines.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// The form of a line.
    pub format: LogFormat,
    /// Levels by module, in the notation of `tracing_subscriber::EnvFilter`: `info,sqlx=warn`.
    pub filter: String,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info".to_owned(),
        }
    }
}

impl Log {
    pub(super) fn validate(&self) -> Vec<Complaint> {
        let refused = |error: String| {
            let message = format!("`{}`: {error}", self.filter);
            vec![Complaint::new("log.filter", message)]
        };
        // The parser of tracing-subscriber 0.3.23 panics at some multi-byte characters after a space.
        if !self.filter.is_ascii() {
            return refused("names of modules and levels are written in ASCII".to_owned());
        }
        match EnvFilter::builder().parse(&self.filter) {
            Ok(_) => Vec::new(),
            Err(error) => refused(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_accepted_or_refused() {
        let is_refused = |filter: &str| {
            let log = Log {
                filter: filter.to_owned(),
                ..Log::default()
            };
            !log.validate().is_empty()
        };
        for accepted in ["info", "debug,sqlx=warn", "latchkey_core[request]=trace"] {
            assert!(!is_refused(accepted), "{accepted:?}");
        }
        for refused in ["loud=louder", "\u{e9}", " \u{1171d}[", "\u{3000}a["] {
            assert!(is_refused(refused), "{refused:?}");
        }
    }
}
