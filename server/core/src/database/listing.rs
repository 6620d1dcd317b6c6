//! The listing of databases, which requests share: each request of a stranger asks for it.

use std::sync::{Arc, PoisonError, RwLock};

use super::{DatabaseName, catalog, connection::Pool, rounds::Rounds};
use crate::StoreError;

/// All names, in order.
pub(super) type Names = Arc<[DatabaseName]>;

/// Lists the databases of a PostgreSQL server.
pub(super) struct Listing {
    server: Pool,
    rounds: Arc<Rounds<(), Result<Names, StoreError>>>,
    last: Arc<RwLock<Names>>,
}

impl Listing {
    pub fn new(server: Pool) -> Self {
        Self {
            server,
            rounds: Arc::default(),
            last: Arc::default(),
        }
    }

    /// Every database there is. Shares its statement with the requests that ask at the same time. The statement is
    /// sent after all of them have asked, so that none misses a database that was created before.
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
        // The node stops.
        answered.unwrap_or_else(|| Err(sqlx::Error::WorkerCrashed.into()))
    }

    /// What the last statement has found.
    pub fn last(&self) -> Names {
        Arc::clone(&self.last.read().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn list(server: &Pool, last: &RwLock<Names>) -> Result<Names, StoreError> {
    let names: Names = catalog::list(server).await?.into();
    *last.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&names);
    Ok(names)
}
