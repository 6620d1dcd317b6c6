//! Throttles an attempt, and records its outcome.
//!
//! The throttles are checked before the password is hashed, so that a refusal is cheap. They are checked again when
//! the outcome is counted. PostgreSQL counts one outcome after the other, so that parallel guesses on any number of
//! nodes gain nothing over guesses in a row.

use time::OffsetDateTime;

use super::{LogIn, LogInAttempt, LogInError, Wait};
use crate::{
    StoreError,
    activity::{self, AccountEvent, AccountEventKind},
    attempt::{
        Guess, Outcome, Tried, retry_after_seconds,
        store::{self, Failed, Recorded, Succeeded},
    },
    database::{Database, SystemTx},
    device::{DeviceToken, DeviceTokenHash, IssuedDeviceToken, LoggedInDevice, RememberDevice},
    module::{Denial, LogInFailed, LogInFailure, ModuleFailed, Refused},
    session::{AuthenticatedBy, SessionId},
    user::{Overloaded, store::FoundUser},
};

/// The reason why an attempt opened no session. The attempt is recorded after its transaction has ended, because a
/// log-in that holds a connection must not wait for a second one.
pub(super) enum Refusal {
    /// A wrong guess.
    Failed(LogInFailure),
    /// Too many attempts had failed before. The password was not checked. Attempts are refused until this moment.
    Throttled(OffsetDateTime),
    /// Other attempts that failed meanwhile caused a delay, or another log-in used the code.
    Overtaken,
    /// A module refused.
    Denied(Denial),
    /// A module that decides has failed.
    ModuleFailed(ModuleFailed),
    /// The user has so many live sessions, and the settings refuse more.
    TooManySessions(usize),
    /// Too many passwords are being hashed. The attempt is neither counted nor recorded.
    Overloaded(Overloaded),
    /// PostgreSQL failed.
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Denied(denial) => Self::Denied(denial),
            Refused::Failed(failed) => Self::ModuleFailed(failed),
        }
    }
}

impl From<Overloaded> for Refusal {
    fn from(error: Overloaded) -> Self {
        Self::Overloaded(error)
    }
}

/// The login, the client and the log-in code of an attempt.
pub(super) fn tried(attempt: &LogInAttempt) -> Tried {
    Tried::new(&attempt.login, &attempt.client, attempt.code)
}

impl LogIn {
    /// Looks up the login, and refuses the attempt if too many attempts have failed before.
    pub(super) async fn admit(
        &self,
        database: &Database,
        tried: Tried,
        devices: &[DeviceTokenHash],
    ) -> Result<(Guess, Option<FoundUser>), LogInError> {
        let now = self.clock.now();
        let standing = store::look_up(database, &tried, devices, now).await?;
        let is_one_time = |found: &FoundUser| found.password_is_one_time;
        let mut guess = Guess {
            tried,
            user: standing.user.as_ref().map(|found| found.user.id),
            device: standing.device,
            recognized: standing.recognized,
            blocked_network: standing.blocked_network,
            factor: if standing.user.as_ref().is_some_and(is_one_time) {
                AuthenticatedBy::OneTimePassword
            } else {
                AuthenticatedBy::Password
            },
        };
        let mut blocked_until = standing.blocked_until;
        if blocked_until.is_none()
            && guess.recognized.is_none()
            && let Some(block) = self.all_names.blocked(&guess.tried.client, now)
        {
            blocked_until = Some(block.until);
            guess.blocked_network = Some(block.network);
        }
        match blocked_until {
            Some(until) => {
                let refusal = Refusal::Throttled(until);
                Err(self.refuse(database, &guess, refusal).await)
            }
            None => Ok((guess, standing.user)),
        }
    }

    /// Records why an attempt opened no session. Returns the error for the person.
    pub(super) async fn refuse(
        &self,
        database: &Database,
        guess: &Guess,
        refusal: Refusal,
    ) -> LogInError {
        let recorded = match refusal {
            Refusal::Overloaded(error) => return error.into(),
            Refusal::Store(error) => return error.into(),
            Refusal::Failed(failure) => self.count(database, guess, failure).await,
            Refusal::Overtaken => {
                let error = self.overtaken();
                self.record(database, guess, LogInFailure::Throttled, error)
                    .await
            }
            Refusal::Denied(denial) => {
                let error = LogInError::Denied(denial.clone());
                self.record(database, guess, LogInFailure::Denied(denial), error)
                    .await
            }
            Refusal::ModuleFailed(ModuleFailed { module }) => {
                let failure = LogInFailure::ModuleFailed { module };
                self.record(database, guess, failure, LogInError::Undecided)
                    .await
            }
            Refusal::TooManySessions(most) => {
                let error = LogInError::TooManySessions { most };
                self.record(database, guess, LogInFailure::TooManySessions, error)
                    .await
            }
            Refusal::Throttled(until) => {
                let error = LogInError::Throttled {
                    retry_after_seconds: retry_after_seconds(until - self.clock.now()),
                };
                self.record(database, guess, LogInFailure::Throttled, error)
                    .await
            }
        };
        recorded.unwrap_or_else(LogInError::from)
    }

    /// Counts and records a wrong guess.
    async fn count(
        &self,
        database: &Database,
        guess: &Guess,
        failure: LogInFailure,
    ) -> Result<LogInError, StoreError> {
        let failed = self.failed(&failure);
        let settings = &self.settings;
        if guess.recognized.is_none() {
            self.all_names.count(&guess.tried.client, failed.at);
        }
        let counted = store::count_failure(database, guess, &failed, settings).await?;
        if counted.outcome == Outcome::Throttled {
            self.tell(database, guess, LogInFailure::Throttled, counted.recorded);
            return Ok(self.overtaken());
        }
        self.tell(database, guess, failure, counted.recorded);
        let block = if guess.recognized.is_none() {
            self.all_names.blocked(&guess.tried.client, failed.at)
        } else {
            None
        };
        let blocked_until = counted.blocked_until.max(block.map(|block| block.until));
        let next = counted.next_delay_seconds.map(Wait::AfterNextFailure);
        Ok(LogInError::WrongCredentials {
            wait: Wait::until(blocked_until, failed.at).or(next),
        })
    }

    /// Records an attempt that was throttled or denied. Only its log-in code, if that is wrong, counts as a guess.
    async fn record(
        &self,
        database: &Database,
        guess: &Guess,
        failure: LogInFailure,
        error: LogInError,
    ) -> Result<LogInError, StoreError> {
        let settings = &self.settings;
        let recorded = store::record(database, guess, &self.failed(&failure), settings).await?;
        self.tell(database, guess, failure, recorded);
        Ok(error)
    }

    /// Records a right guess in the transaction that opens its session. Returns the device; the account may know the
    /// device from now on.
    pub(super) async fn record_success(
        &self,
        tx: &mut SystemTx,
        guess: &Guess,
        session: SessionId,
        remember: RememberDevice,
    ) -> Result<LoggedInDevice, Refusal> {
        let at = self.clock.now();
        // An account knows neither the device nor the network of a shared computer.
        let is_own = remember == RememberDevice::Yes;
        let token = is_own.then(|| DeviceToken::new(&*self.random));
        let new_device = (is_own && guess.device.is_none()).then(|| self.random.id(at));
        let succeeded = Succeeded {
            id: self.random.id(at),
            at,
            session,
            device: guess.device.filter(|_| is_own),
            new_device,
            token: token.as_ref().map(DeviceToken::hash),
            network: is_own.then(|| self.random.id(at)),
        };
        let seen = store::count_success(tx, guess, &succeeded).await?;
        let Some(seen) = seen else {
            return Err(Refusal::Overtaken);
        };
        if guess.has_used_code()
            && let Some(user) = guess.user
        {
            let used = AccountEvent {
                id: self.random.id(at),
                at,
                user,
                kind: AccountEventKind::LogInCodeUsed,
                client: Some(&guess.tried.client),
                session: None,
            };
            activity::store::insert_event(tx.connection(), &used).await?;
        }
        let replaces = guess.device.filter(|_| seen.is_renewed);
        let token = token.filter(|_| new_device.is_some() || seen.is_renewed);
        Ok(LoggedInDevice {
            id: seen.id.or(new_device),
            name: seen.name,
            new_since: seen.new_since,
            token: token.map(|token| IssuedDeviceToken {
                token,
                replaces: replaces.map(|device| device.presented),
            }),
        })
    }

    /// The answer to a guess whose password was checked while another failure caused a delay. A right password gets
    /// the same answer as a wrong one.
    fn overtaken(&self) -> LogInError {
        let delay = self.settings.account.first_delay.as_secs();
        LogInError::Throttled {
            retry_after_seconds: u32::try_from(delay).unwrap_or(u32::MAX),
        }
    }

    fn failed(&self, failure: &LogInFailure) -> Failed {
        let at = self.clock.now();
        Failed {
            id: self.random.id(at),
            at,
            outcome: failure.into(),
        }
    }

    /// Tells the modules of an attempt only if it was recorded, so that a flood of attempts does not flood the modules.
    fn tell(&self, database: &Database, guess: &Guess, failure: LogInFailure, recorded: Recorded) {
        if recorded == Recorded::No {
            return;
        }
        let (login, client) = (&guess.tried.login, guess.tried.client.clone());
        let event = LogInFailed::new(login, failure, client);
        self.modules.observe(database, [event]);
    }
}
