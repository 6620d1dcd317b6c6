//! `[database]`: the PostgreSQL server and its databases.

use std::{
    fs,
    path::{Path, PathBuf},
};

use latchkey_core::{
    database::DatabaseFilter,
    settings::{DatabaseSettings, Listed},
};
use serde::{Deserialize, Serialize};

use super::{Dsn, optional, problem::Complaint};

/// The PostgreSQL server and its databases.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    #[serde(with = "optional::empty")]
    url: Option<Dsn>,
    url_file: PathBuf,
    /// The URL from `url_file`. It is separate from `url`, so that the printed configuration shows the file's
    /// name and not a masked copy.
    #[serde(skip)]
    url_from_file: Option<Dsn>,
    /// The databases that a request sees; `None`: all of Latchkey's databases.
    #[serde(with = "optional::empty")]
    pub filter: Option<DatabaseFilter>,
    /// Whether the log-in page lists the names of the databases to strangers.
    pub list: bool,
    /// Databases with open connections at one time. Opening one more closes the least recently used.
    pub max_pools: usize,
    /// Open connections to one database.
    pub max_connections: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: None,
            url_file: PathBuf::new(),
            url_from_file: None,
            filter: None,
            list: true,
            max_pools: 64,
            max_connections: 10,
        }
    }
}

impl Database {
    /// The URL of the maintenance database; `None`: a private cluster in the data directory.
    pub fn dsn(&self) -> Option<&Dsn> {
        self.url_from_file.as_ref().or(self.url.as_ref())
    }

    /// The file that holds the URL: `url_file`, or the configuration file `file`.
    pub fn secret_file<'a>(&'a self, file: Option<&'a Path>) -> Option<&'a Path> {
        if self.url_from_file.is_some() {
            Some(&self.url_file)
        } else {
            self.url.as_ref().and(file)
        }
    }

    /// The section for the core.
    pub(super) fn settings(&self) -> DatabaseSettings {
        DatabaseSettings {
            filter: self.filter.clone(),
            listed: if self.list { Listed::Yes } else { Listed::No },
            max_pools: self.max_pools,
            max_connections: self.max_connections,
        }
    }

    pub(super) fn validate(&self) -> Vec<Complaint> {
        let twice = self.url.is_some() && !self.url_file.as_os_str().is_empty();
        let reason = "is set together with `database.url`: keep one of the two, and set the other to an empty text";
        let complaints = [
            twice.then(|| Complaint::new("database.url_file", reason)),
            Complaint::unless_within("database.max_pools", &self.max_pools, &(1..=10_000)),
            Complaint::unless_within(
                "database.max_connections",
                &self.max_connections,
                &(1..=1_000),
            ),
        ];
        complaints.into_iter().flatten().collect()
    }

    /// Reads the URL from the file that `url_file` names, if that is set.
    pub(super) fn read_url_file(&mut self) -> Result<(), Complaint> {
        if self.url_file.as_os_str().is_empty() {
            return Ok(());
        }
        let complaint = |reason: String| Complaint::new("database.url_file", reason);
        let path = self.url_file.display();
        let content = fs::read_to_string(&self.url_file)
            .map_err(|error| complaint(format!("cannot read {path}: {error}")))?;
        // Editors and `echo` end a file with a newline, which is not a part of the secret.
        let dsn = content.trim_end_matches(['\r', '\n']).parse();
        let dsn = dsn.map_err(|error| complaint(format!("the content of {path} {error}")))?;
        self.url_from_file = Some(dsn);
        Ok(())
    }
}
