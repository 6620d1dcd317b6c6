//! A guess at login and password, from the door to its outcome.
//!
//! Whether it is throttled is asked before the password is hashed, so that a refusal is cheap. It is
//! asked again when the outcome is counted, one after the other in PostgreSQL: guesses that arrive
//! together on any number of nodes are worth no more than as many in a row.

use uuid::Uuid;

use super::{
    DeviceToken, LoggedInDevice, Network, Outcome, RememberDevice,
    store::{self, Failed, Recorded, Succeeded},
    throttle,
};
use crate::{
    Core, StoreError,
    client::Client,
    database::{Database, SystemTx},
    module::{Event, LogInFailure},
    session::{AuthenticatedBy, LogInAttempt, LogInError, Refusal, SessionId},
    user::{LoginKey, UserId, store::FoundUser},
};

/// More of what was typed is not kept: no login is longer.
const LOGIN_CHARACTERS: usize = 254;

/// What was tried, and from where.
pub(super) struct Tried {
    /// As typed, cut.
    pub login: String,
    pub key: LoginKey,
    /// See [`account`].
    pub account: String,
    pub client: Client,
    pub network: Option<Network>,
}

/// An attempt that is worth a look.
pub(crate) struct Guess {
    pub(super) tried: Tried,
    /// Whose login it is, if it is somebody's.
    pub(super) user: Option<UserId>,
    /// The device, if this user has logged in with it before.
    pub(super) device: Option<Uuid>,
    pub(super) factor: AuthenticatedBy,
}

/// What failures on a login count against: its key, cut to what an index takes (2,704 bytes).
pub(super) fn account(login: &str) -> String {
    let key = LoginKey::of(login);
    key.as_str().chars().take(LOGIN_CHARACTERS).collect()
}

impl Tried {
    fn of(attempt: &LogInAttempt) -> Self {
        // PostgreSQL takes no NUL, and nobody can read control characters.
        let printable = |character: char| {
            if character.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                character
            }
        };
        let login = attempt.login.chars().take(LOGIN_CHARACTERS);
        Self {
            login: login.map(printable).collect(),
            account: account(&attempt.login),
            key: LoginKey::of(&attempt.login),
            client: attempt.client.clone(),
            network: attempt.client.address.map(Network::of),
        }
    }

    pub(super) fn network(&self) -> Option<&str> {
        self.network.as_ref().map(Network::as_str)
    }

    /// What a failure counts against: the known device alone, or else account and address.
    pub(super) fn subjects(&self, device: Option<Uuid>) -> (Vec<String>, Vec<String>) {
        if let Some(device) = device {
            return (vec!["device".to_owned()], vec![device.to_string()]);
        }
        let of_network = |kind| self.network().map(|network| (kind, network));
        let account = ("account", self.account.as_str());
        [Some(account), of_network("address"), of_network("spray")]
            .into_iter()
            .flatten()
            .map(|(kind, subject)| (kind.to_owned(), subject.to_owned()))
            .unzip()
    }
}

impl Core {
    /// Looks the login up, and turns the attempt away if too many have failed before it.
    pub(crate) async fn admit_guess(
        &self,
        database: &Database,
        attempt: &LogInAttempt,
    ) -> Result<(Guess, Option<FoundUser>), LogInError> {
        let now = self.clock.now();
        let tried = Tried::of(attempt);
        let standing = store::look_up(database, &tried, &attempt.devices, now).await?;
        let is_one_time = |found: &FoundUser| found.password_is_one_time;
        let guess = Guess {
            tried,
            user: standing.user.as_ref().map(|found| found.user.id),
            device: standing.device,
            factor: if standing.user.as_ref().is_some_and(is_one_time) {
                AuthenticatedBy::OneTimePassword
            } else {
                AuthenticatedBy::Password
            },
        };
        match standing.blocked_until {
            Some(until) => {
                let refusal = Refusal::Throttled(until);
                Err(self.guess_refused(database, &guess, refusal).await?)
            }
            None => Ok((guess, standing.user)),
        }
    }

    /// Counts and records a wrong guess; the error is for the person.
    pub(crate) async fn guess_failed(
        &self,
        database: &Database,
        guess: &Guess,
        failure: LogInFailure,
    ) -> Result<LogInError, StoreError> {
        let failed = self.failed(failure);
        let settings = &self.settings.log_in;
        let counted = store::count_failure(database, guess, &failed, settings).await?;
        if counted.outcome == Outcome::Throttled {
            self.tell(database, guess, LogInFailure::Throttled, counted.recorded);
            return Ok(self.overtaken());
        }
        self.tell(database, guess, failure, counted.recorded);
        Ok(LogInError::WrongCredentials)
    }

    /// Records why a guess came to nothing; the error is for the person.
    pub(crate) async fn guess_refused(
        &self,
        database: &Database,
        guess: &Guess,
        refusal: Refusal,
    ) -> Result<LogInError, StoreError> {
        let (failure, error) = match refusal {
            Refusal::Store(error) => return Err(error),
            Refusal::Failed(failure) => return self.guess_failed(database, guess, failure).await,
            Refusal::Overtaken => (LogInFailure::Throttled, self.overtaken()),
            Refusal::Denied {
                failure,
                code,
                message,
            } => (failure, LogInError::Denied { code, message }),
            Refusal::Throttled(until) => {
                let retry_after_seconds = throttle::retry_after_seconds(until - self.clock.now());
                let error = LogInError::Throttled {
                    retry_after_seconds,
                };
                (LogInFailure::Throttled, error)
            }
        };
        let recorded = store::record(database, guess, &self.failed(failure)).await?;
        self.tell(database, guess, failure, recorded);
        Ok(error)
    }

    /// Records a right guess in the transaction that opens its session. Returns the device, which may
    /// be known from now on.
    pub(crate) async fn guess_succeeded(
        &self,
        tx: &mut SystemTx,
        guess: &Guess,
        session: SessionId,
        remember: RememberDevice,
    ) -> Result<LoggedInDevice, Refusal> {
        let at = self.clock.now();
        // On a shared computer it is nobody's, although it may be known.
        let is_own = remember == RememberDevice::Yes;
        let token = (is_own && guess.device.is_none()).then(|| DeviceToken::new(&*self.random));
        let new_device = token
            .as_ref()
            .map(|token| (self.random.id(at), token.hash()));
        let succeeded = Succeeded {
            id: self.random.id(at),
            at,
            session,
            device: guess.device.filter(|_| is_own),
            new_device,
        };
        let seen = store::count_success(tx, guess, &succeeded).await?;
        let Some(seen) = seen else {
            return Err(Refusal::Overtaken);
        };
        Ok(LoggedInDevice {
            id: seen.id.or(new_device.map(|(id, _)| id)),
            name: seen.name,
            new_since: seen.new_since,
            token,
        })
    }

    /// The answer to a guess that was looked at, and then overtaken by a failure that brought a
    /// delay: the same to the right password as to a wrong one.
    fn overtaken(&self) -> LogInError {
        let delay = self.settings.log_in.account.first_delay.as_secs();
        LogInError::Throttled {
            retry_after_seconds: u32::try_from(delay).unwrap_or(u32::MAX),
        }
    }

    fn failed(&self, failure: LogInFailure) -> Failed {
        let at = self.clock.now();
        Failed {
            id: self.random.id(at),
            at,
            outcome: failure.into(),
        }
    }

    /// Tells the modules of what was recorded, and of nothing more: a flood is no flood to them.
    fn tell(&self, database: &Database, guess: &Guess, failure: LogInFailure, recorded: Recorded) {
        if recorded == Recorded::AnotherStands {
            return;
        }
        let (login, client) = (&guess.tried.login, guess.tried.client.clone());
        let event = Event::log_in_failed(database, login, client, failure);
        self.modules.observe([event]);
    }
}
