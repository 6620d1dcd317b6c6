//! Lists the databases of a PostgreSQL server. Requests share the listing, because every request that names no usable
//! database needs it.

use std::sync::{Arc, PoisonError, RwLock};

use super::{DatabaseName, catalog, connection::Pool, rounds::Rounds};
use crate::StoreError;

/// Names of databases, in order. Cheap to clone.
pub type DatabaseNames = Arc<[DatabaseName]>;

/// The listing of the databases of a PostgreSQL server.
pub(super) struct Listing {
    server: Pool,
    rounds: Arc<Rounds<(), Result<DatabaseNames, StoreError>>>,
    last: Arc<RwLock<Last>>,
}

/// The answer to the last successful statement.
#[derive(Default)]
struct Last {
    /// The names as PostgreSQL listed them. PostgreSQL lists the same names in the same order again, and so they need not
    /// be read and sorted again.
    listed: Vec<String>,
    names: DatabaseNames,
}

impl Listing {
    /// A listing over the connections of `server`, without names at first.
    pub fn new(server: Pool) -> Self {
        Self {
            server,
            rounds: Arc::default(),
            last: Arc::default(),
        }
    }

    /// The names of all Latchkey databases, in order. Requests that ask at the same time share a statement. PostgreSQL
    /// gets the statement after all of them have asked, so the answer contains every database that was created before a
    /// request asked.
    pub async fn now(&self) -> Result<DatabaseNames, StoreError> {
        let (server, last) = (self.server.clone(), Arc::clone(&self.last));
        let answer = move |(), questions: Vec<()>| {
            let (server, last) = (server.clone(), Arc::clone(&last));
            async move {
                let listed = list(&server, &last).await;
                ((), vec![listed; questions.len()])
            }
        };
        let answered = self.rounds.ask((), answer).await;
        // There is no answer when the node stops.
        answered.unwrap_or_else(|| Err(sqlx::Error::WorkerCrashed.into()))
    }

    /// The names that the last successful statement found; none before the first statement.
    pub fn last(&self) -> DatabaseNames {
        let last = self.last.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&last.names)
    }
}

async fn list(server: &Pool, last: &RwLock<Last>) -> Result<DatabaseNames, StoreError> {
    let listed = catalog::list(server).await?;
    {
        let last = last.read().unwrap_or_else(PoisonError::into_inner);
        if last.listed == listed {
            return Ok(Arc::clone(&last.names));
        }
    }
    let mut names: Vec<DatabaseName> = listed.iter().filter_map(|name| name.parse().ok()).collect();
    names.sort_unstable();
    let names = DatabaseNames::from(names);
    *last.write().unwrap_or_else(PoisonError::into_inner) = Last {
        listed,
        names: Arc::clone(&names),
    };
    Ok(names)
}
