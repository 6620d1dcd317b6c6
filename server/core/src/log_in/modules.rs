//! Asks the modules that decide: before the transaction of a log-in, and in it.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{LogIn, LogInAttempt, outcome::Refusal};
use crate::{
    StoreError,
    attempt::{self, Guess},
    database::{Database, SystemTx},
    module::{AnyEvent, Candidate, Gathered, ModuleFailed, Opening, Refused, SessionEnded},
    session::{self, EndCause, UserAccess, store::End},
    user::{Overloaded, User},
};

/// The number of log-ins of one database that modules decide about at the same time. Each holds a connection, and other requests need
/// some, too.
const AT_ONCE: usize = 3;

/// The time for which a log-in waits for its turn.
const PATIENCE: Duration = Duration::from_secs(3);

/// The turns of one database.
struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

/// What was asked before the transaction.
pub(super) struct Asked {
    pub(super) candidate: Candidate,
    gathered: Result<Gathered, ModuleFailed>,
    /// The turn ends with the log-in.
    _turn: OwnedSemaphorePermit,
}

impl LogIn {
    /// Lets the modules gather what they need; `None` if no module decides. No connection is held meanwhile.
    pub(super) async fn ask(
        &self,
        database: &Database,
        guess: &Guess,
        user: &User,
        attempt: &LogInAttempt,
    ) -> Result<Option<Asked>, Refusal> {
        if !self.modules.decide_log_ins() {
            return Ok(None);
        }
        let now = self.clock.now();
        // Guesses at the same time may have caused a delay. A right password is then answered at once, as a wrong one is, and no module is
        // asked.
        let tried = &guess.tried;
        let standing = attempt::store::look_up(database, tried, &attempt.devices, now).await?;
        if standing.blocked_until.is_some() {
            return Err(Refusal::Overtaken);
        }
        let candidate = Candidate {
            language: attempt.language.clone(),
            is_shared_computer: attempt.computer.is_shared(),
            is_known_device: guess.device.is_some(),
            ..Candidate::new(
                database.name().clone(),
                user.clone(),
                attempt.client.clone(),
                now,
            )
        };
        let gathered = self.modules.gather(&candidate).await;
        let turns = Arc::clone(&database.shared::<Turns>().0);
        let turn = timeout(PATIENCE, turns.acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            let retry_after_seconds = 1;
            return Err(Overloaded {
                retry_after_seconds,
            }
            .into());
        };
        Ok(Some(Asked {
            candidate,
            gathered,
            _turn: turn,
        }))
    }

    /// Asks the modules in the transaction, and ends the sessions that they name. Returns the events, and the refusal of the first
    /// module that refuses.
    pub(super) async fn decide(
        &self,
        tx: &mut SystemTx,
        access: &UserAccess,
        asked: &mut Option<Asked>,
        end: End,
    ) -> Result<(Vec<AnyEvent>, Option<Refused>), StoreError> {
        let Some(Asked {
            candidate,
            gathered,
            ..
        }) = asked
        else {
            return Ok((Vec::new(), None));
        };
        let gathered = match gathered {
            Ok(gathered) => gathered.take(),
            Err(failed) => return Ok((Vec::new(), Some(Refused::Failed(*failed)))),
        };
        let user = candidate.user.clone();
        let opening = Opening {
            live_sessions: session::store::lock_live(tx, user.id, end.at).await?,
            groups: access.group_names(),
            companies: access.companies.clone(),
            candidate: candidate.clone(),
        };
        let ended = match self.modules.decide(opening, gathered).await {
            Ok(ended) => ended,
            // The refusal undoes what the earlier modules have ended.
            Err(refused) => return Ok((Vec::new(), Some(refused))),
        };
        let mut events = Vec::new();
        for id in ended {
            session::store::end_one(tx, id, end).await?;
            events.push(SessionEnded::new(&user, id, EndCause::Limit).into());
        }
        Ok((events, None))
    }
}
