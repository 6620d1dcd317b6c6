//! When PostgreSQL does not do what it was asked to.

use std::sync::Arc;

const LOCK_NOT_AVAILABLE: &str = "55P03";
const DEADLOCK_DETECTED: &str = "40P01";

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
        // <https://www.postgresql.org/docs/current/errcodes-appendix.html>
        if code(&error).as_deref() == Some("3D000") {
            Self::DatabaseGone(Arc::new(error))
        } else if is_passing(&error) {
            Self::Unavailable(Arc::new(error))
        } else {
            Self::Failed(Arc::new(error))
        }
    }
}

/// Whether trying again later may be all that it takes: PostgreSQL is away or full, or somebody else had
/// what the statement wanted.
pub(crate) fn is_passing(error: &sqlx::Error) -> bool {
    use sqlx::Error;
    match (error, code(error).as_deref()) {
        (_, Some(code)) => {
            code.starts_with("08")
                || code.starts_with("57P")
                || ["53300", LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED].contains(&code)
        }
        (Error::Io(_) | Error::PoolTimedOut | Error::PoolClosed | Error::Tls(_), _) => true,
        _ => false,
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    let error = error.as_database_error()?;
    error.code().map(Into::into)
}
