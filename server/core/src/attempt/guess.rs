//! A guess at login and password, from the door to its outcome.
//!
//! Whether it is throttled is asked before the password is hashed, so that a refusal is cheap. It is
//! asked again when the outcome is counted, one after the other in PostgreSQL: guesses that arrive
//! together on any number of nodes are worth no more than as many in a row.

use super::{
    DeviceToken, DeviceTokenHash, IssuedDeviceToken, KnownDevice, LoggedInDevice, Network, Outcome,
    Recognized, RememberDevice, TypedCode,
    store::{self, Failed, Recorded, Succeeded},
    throttle,
};
use crate::{
    Core, StoreError,
    activity::{self, AccountEvent, AccountEventKind},
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
    /// See [`LoginKey::former`].
    pub former_key: LoginKey,
    /// See [`account`].
    pub account: String,
    pub client: Client,
    pub network: Option<Network>,
    pub code: TypedCode,
    pub place: Place,
}

/// Where it was tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a database.
    Database,
    /// At a name of no database: counted, and recorded nowhere.
    Nowhere,
}

/// An attempt that is worth a look.
pub(crate) struct Guess {
    pub(super) tried: Tried,
    /// Whose login it is, if it is somebody's.
    pub(super) user: Option<UserId>,
    /// The device, if this user has logged in with it before.
    pub(super) device: Option<KnownDevice>,
    /// The sign by which the owner is recognized.
    pub(super) recognized: Option<Recognized>,
    /// The widest network of the attempt that was blocked at the door.
    pub(super) blocked_network: Option<String>,
    pub(super) factor: AuthenticatedBy,
}

/// What failures on a login count against: its key, cut to what an index takes (2,704 bytes). A key has no
/// control characters: no login that is typed counts against what [`Tried::nowhere`] makes.
pub(super) fn account(login: &str) -> String {
    let key = LoginKey::of(login);
    key.as_str().chars().take(LOGIN_CHARACTERS).collect()
}

impl Tried {
    pub(super) fn of(attempt: &LogInAttempt) -> Self {
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
            former_key: LoginKey::former(&attempt.login),
            client: attempt.client.clone(),
            network: attempt.client.address.map(Network::of),
            code: attempt.code,
            place: Place::Database,
        }
    }

    pub(super) fn network(&self) -> Option<&str> {
        self.network.as_ref().map(Network::as_str)
    }

    /// Kinds and subjects of a stranger's counters: those of the account and of the networks.
    pub(super) fn counters(&self) -> (Vec<String>, Vec<String>) {
        let account = std::iter::once(("account", self.account.as_str()));
        let networks = self.network.iter().flat_map(Network::counters);
        account
            .chain(networks)
            .map(|(kind, subject)| (kind.to_owned(), subject.to_owned()))
            .unzip()
    }

    /// The network that wrong log-in codes count against.
    pub(super) fn code_network(&self) -> &str {
        self.network.as_ref().map_or("", Network::widest)
    }
}

impl Guess {
    /// Kinds and subjects that a failure counts against: the sign's alone, or else a stranger's.
    pub(super) fn counters(&self) -> (Vec<String>, Vec<String>) {
        match self.recognized {
            Some(recognized) => {
                let (kind, subject) = recognized.counter();
                (vec![kind.to_owned()], vec![subject])
            }
            None => self.tried.counters(),
        }
    }

    /// Whether the owner is recognized by a log-in code, which a log-in uses up.
    pub(crate) fn has_used_code(&self) -> bool {
        matches!(self.recognized, Some(Recognized::Code(_)))
    }

    /// The network that a code counts against which is not the user's; `None` if no such code was typed. At a
    /// name of no database no code is ever right.
    pub(super) fn wrong_code_from(&self) -> Option<&str> {
        let is_typed = !matches!(self.tried.code, TypedCode::None);
        let counts = is_typed && !self.has_used_code() && self.tried.place == Place::Database;
        counts.then(|| self.tried.code_network())
    }
}

impl Core {
    /// Looks the login up, and turns the attempt away if too many have failed before it.
    pub(crate) async fn admit_guess(
        &self,
        database: &Database,
        attempt: &LogInAttempt,
    ) -> Result<(Guess, Option<FoundUser>), LogInError> {
        let tried = Tried::of(attempt);
        self.admit(database, tried, &attempt.devices).await
    }

    /// The same for what was tried in the database or, counted there, at a name of none.
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
            && let Some(block) = self.blocked_at_all_names(&guess.tried.client, now)
        {
            blocked_until = Some(block.until);
            guess.blocked_network = Some(block.network);
        }
        match blocked_until {
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
        if guess.recognized.is_none() {
            self.count_at_all_names(&guess.tried.client, failed.at);
        }
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
        let settings = &self.settings.log_in;
        let recorded = store::record(database, guess, &self.failed(failure), settings).await?;
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
        // A shared computer gets known neither by its device nor by its network.
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
        if recorded == Recorded::No {
            return;
        }
        let (login, client) = (&guess.tried.login, guess.tried.client.clone());
        let event = Event::log_in_failed(database, login, client, failure);
        self.modules.observe([event]);
    }
}
