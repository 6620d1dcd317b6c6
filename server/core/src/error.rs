//! When PostgreSQL does not do what it was asked to.

use std::sync::Arc;

/// A fault of the store. What it means to people is one of two things; the cause is for the log.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// PostgreSQL cannot be reached just now: closed, and back by itself.
    #[error("PostgreSQL is not available")]
    Unavailable(#[source] Arc<sqlx::Error>),
    /// The database is gone: dropped or renamed since it was opened.
    #[error("the database is gone")]
    DatabaseGone(#[source] Arc<sqlx::Error>),
    /// Anything else is a fault of ours.
    #[error("PostgreSQL refused a statement")]
    Failed(#[source] Arc<sqlx::Error>),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        match (&error, code.as_deref()) {
            // <https://www.postgresql.org/docs/current/errcodes-appendix.html>
            (_, Some("3D000")) => Self::DatabaseGone(Arc::new(error)),
            (_, Some(code))
                if code.starts_with("08") || code.starts_with("57P") || code == "53300" =>
            {
                Self::Unavailable(Arc::new(error))
            }
            (
                sqlx::Error::Io(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::Tls(_),
                _,
            ) => Self::Unavailable(Arc::new(error)),
            _ => Self::Failed(Arc::new(error)),
        }
    }
}
