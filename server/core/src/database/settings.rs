//! The visible databases, and the number of connections.

use super::DatabaseFilter;

/// The visible databases, and the number of connections.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// The databases that a host name may see; `None`: all.
    pub filter: Option<DatabaseFilter>,
    /// Whether strangers may see the names of databases.
    pub listed: Listed,
    /// Largest number of databases with open connections.
    pub max_pools: usize,
    /// Largest number of connections to a database.
    pub max_connections: u32,
}

/// Whether strangers may see the names of databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// The log-in page lists the names.
    Yes,
    /// A person must know the name.
    No,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self {
            filter: None,
            listed: Listed::Yes,
            max_pools: 64,
            max_connections: 10,
        }
    }
}
