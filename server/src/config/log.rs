//! `[log]`: what is logged, and in which form.

use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

use super::problem::Complaint;

/// What is logged, and in which form.
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
        let refused = EnvFilter::builder().parse(&self.filter).err();
        refused
            .map(|error| Complaint::new("log.filter", format!("`{}`: {error}", self.filter)))
            .into_iter()
            .collect()
    }
}
