//! Lists the databases of a PostgreSQL server. Requests share the listing, because every request that names no usable
//! database needs it.

use std::sync::{Arc, PoisonError, RwLock};

use super::{DatabaseName, catalog, connection::Pool, rounds::Rounds};
use crate::StoreError;

/// The names of all Latchkey databases, in order.
pub(super) type Names = Arc<[DatabaseName]>;

/// The listing of the databases of a PostgreSQL server.
pub(super) struct Listing {
    server: Pool,
    rounds: Arc<Rounds<(), Result<Names, StoreError>>>,
    /// The names that the last successful statement found.
    last: Arc<RwLock<Names>>,
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
    pub async fn now(&self) -> Result<Names, StoreError> {
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
    pub fn last(&self) -> Names {
        Arc::clone(&self.last.read().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn list(server: &Pool, last: &RwLock<Names>) -> Result<Names, StoreError> {
    let names: Names = catalog::list(server).await?.into();
    *last.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&names);
    Ok(names)
}
