//! The work on the rows of a database when the database is opened.

use async_trait::async_trait;

use super::Database;
use crate::StoreError;

/// The work on the rows of a database when the database is opened. The room of sessions does this work, because the
/// rules for sessions may be stricter now than when the rows were written.
#[async_trait]
pub(crate) trait OnOpen: Send + Sync {
    /// Applies the present rules. Returns the number of sessions that ended because the database is a copy.
    async fn opened(&self, database: &Database) -> Result<u64, StoreError>;

    /// Marks the rows of a database as those of a copy, before the database is opened for the first time.
    async fn restored(&self, database: &Database) -> Result<(), StoreError>;
}
