//! The errors that several use cases share.

use std::sync::Arc;

use sqlx::postgres::{PgDatabaseError, PgSeverity};

/// A failure of the store. The cause is for the log only.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// PostgreSQL cannot carry out the statement at the moment. The same statement may succeed later.
    #[error("PostgreSQL is not available")]
    Unavailable(#[source] Arc<sqlx::Error>),
    /// The database does not exist, or accepts no connections. It may have been dropped or renamed since it was opened.
    #[error("the database is gone")]
    DatabaseGone(#[source] Arc<sqlx::Error>),
    /// Any other failure: the statement, the schema or the data are wrong.
    #[error("PostgreSQL refused a statement")]
    Failed(#[source] Arc<sqlx::Error>),
}

/// Too many guesses at the current password have failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts failed; try again in {retry_after_seconds} s")]
pub struct Throttled {
    /// Seconds until the next attempt.
    pub retry_after_seconds: u32,
}

impl StoreError {
    /// Whether PostgreSQL refuses the user or the password. While a server runs that is temporary, because an
    /// administrator may be changing a password. At the start it is a mistake in the configuration.
    pub fn is_wrong_log_in(&self) -> bool {
        let (Self::Unavailable(cause) | Self::DatabaseGone(cause) | Self::Failed(cause)) = self;
        of_postgresql(cause).is_some_and(|error| error.code().starts_with("28"))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match Fault::of(&error) {
            Fault::Passing => Self::Unavailable(Arc::new(error)),
            Fault::Gone => Self::DatabaseGone(Arc::new(error)),
            Fault::Ours => Self::Failed(Arc::new(error)),
        }
    }
}

/// Whether trying again later may help.
pub(crate) fn is_passing(error: &sqlx::Error) -> bool {
    Fault::of(error) == Fault::Passing
}

/// The kind of cause behind an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// PostgreSQL is unreachable, full, stopping or read-only, or another transaction was in the way.
    Passing,
    /// The database does not exist, or accepts no connections.
    Gone,
    /// The statement, the schema or the data are wrong.
    Ours,
}

impl Fault {
    fn of(error: &sqlx::Error) -> Self {
        use sqlx::Error;
        if let Some(error) = of_postgresql(error) {
            return Self::of_answer(error);
        }
        match error {
            Error::Io(_)
            | Error::Tls(_)
            | Error::Protocol(_)
            | Error::BeginFailed
            | Error::PoolTimedOut
            | Error::PoolClosed
            | Error::WorkerCrashed => Self::Passing,
            _ => Self::Ours,
        }
    }

    /// The kind of an error that PostgreSQL reports, by its code. The test `every_error_of_postgresql_has_its_answer`
    /// checks all codes of <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
    fn of_answer(error: &PgDatabaseError) -> Self {
        let code = error.code();
        match (code.get(..2).unwrap_or_default(), code) {
            // The database does not exist, was dropped while in use, or accepts no connections.
            (_, "3D000" | "57P04") => Self::Gone,
            (_, "55000") if is_fatal(error) => Self::Gone,
            // Connection, password or role changed, transaction rolled back, resources, operator.
            ("08" | "28" | "40" | "53" | "57", _) if code != "40002" => Self::Passing,
            (
                _,
                // The server is read-only; a transaction was idle or took too long.
                "25006" | "25P03" | "25P04"
                // A pooler mixed up prepared statements.
                | "26000" | "42P05"
                // An object is in use, a lock was not available, a snapshot is too old.
                | "55006" | "55P03" | "72000"
                // The operating system or a disk failed. Missing and damaged files are not temporary.
                | "58000" | "58030",
            ) => Self::Passing,
            _ if is_plan_stale(error) => Self::Passing,
            _ => Self::Ours,
        }
    }
}

/// Whether a connection is useless after this error: it is broken, PostgreSQL has ended it, it leads to a
/// read-only server, or its prepared state is outdated. A new connection may work.
pub(crate) fn ends_connection(error: &sqlx::Error) -> bool {
    use sqlx::Error;
    if let Some(error) = of_postgresql(error) {
        return is_fatal(error)
            || is_plan_stale(error)
            || error.code().starts_with("08")
            || ["25006", "26000", "42P05"].contains(&error.code());
    }
    matches!(
        error,
        Error::Io(_)
            | Error::Tls(_)
            | Error::Protocol(_)
            | Error::BeginFailed
            | Error::WorkerCrashed
    )
}

/// The error that PostgreSQL reported, if it reported one.
fn of_postgresql(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    error.as_database_error()?.try_downcast_ref()
}

/// Whether PostgreSQL ends the connection with this error.
fn is_fatal(error: &PgDatabaseError) -> bool {
    matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic)
}

/// Whether another node has changed a table since this connection prepared the statement. The code 0A000
/// alone is ambiguous.
fn is_plan_stale(error: &PgDatabaseError) -> bool {
    error.code() == "0A000" && error.routine() == Some("RevalidateCachedQuery")
}
