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

/// The number of log-ins of one database that modules decide about at the same time, on this node. Each holds a connection, and
/// other requests need some, too.
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
    /// The turn ends with the log-in; `None` if nothing is to be decided, because a module has failed.
    _turn: Option<OwnedSemaphorePermit>,
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
        // Guesses at the same time may have caused a delay already. No module is asked then, so that a right guess takes no longer than a
        // wrong one.
        self.refuse_if_held_back(database, guess, attempt).await?;
        let candidate = Candidate {
            language: attempt.language.clone(),
            is_shared_computer: attempt.computer.is_shared(),
            is_known_device: guess.device.is_some(),
            ..Candidate::new(
                database.name().clone(),
                user.clone(),
                attempt.client.clone(),
                self.clock.now(),
            )
        };
        let gathered = self.modules.gather(&candidate).await;
        let turn = if gathered.is_ok() {
            Some(self.turn(database, guess, attempt).await?)
        } else {
            None
        };
        Ok(Some(Asked {
            candidate,
            gathered,
            _turn: turn,
        }))
    }

    /// Waits for a turn. If that takes too long, the person reads that the server is busy, unless the guess is held back meanwhile.
    async fn turn(
        &self,
        database: &Database,
        guess: &Guess,
        attempt: &LogInAttempt,
    ) -> Result<OwnedSemaphorePermit, Refusal> {
        let turns = Arc::clone(&database.shared::<Turns>().0);
        if let Ok(Ok(turn)) = timeout(PATIENCE, turns.acquire_owned()).await {
            return Ok(turn);
        }
        let name = database.name().as_str();
        tracing::warn!(
            database = name,
            "modules take too long to decide about log-ins"
        );
        self.refuse_if_held_back(database, guess, attempt).await?;
        let retry_after_seconds = 1;
        Err(Overloaded {
            retry_after_seconds,
        }
        .into())
    }

    async fn refuse_if_held_back(
        &self,
        database: &Database,
        guess: &Guess,
        attempt: &LogInAttempt,
    ) -> Result<(), Refusal> {
        let (tried, now) = (&guess.tried, self.clock.now());
        let standing = attempt::store::look_up(database, tried, &attempt.devices, now).await?;
        match standing.blocked_until {
            Some(_) => Err(Refusal::Overtaken),
            None => Ok(()),
        }
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
