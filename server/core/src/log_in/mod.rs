//! Logging in: verify, decide, open.
//!
//! This folder stands above sessions, attempts, users and modules, and calls each of them. `outcome.rs` throttles an
//! attempt and records its outcome. `open.rs` opens the session, and `modules.rs` asks the modules. `unknown_database.rs` answers attempts at names of no
//! database.

mod modules;
mod open;
mod outcome;
mod unknown_database;

use std::sync::Arc;

use time::OffsetDateTime;

use outcome::Refusal;
pub use unknown_database::UnknownDatabase;

use crate::{
    StoreError,
    attempt::{AllNames, LogInSettings, TypedCode, retry_after_seconds},
    client::Client,
    clock::Clock,
    database::{Database, Databases},
    device::{DeviceTokenHash, IssuedDeviceToken, RememberDevice},
    language::LanguageCode,
    module::{Denial, LogInFailure, Modules},
    random::Random,
    session::{Computer, Expiry, SessionId, SessionToken, Sessions, Step},
    user::{Overloaded, Password, PasswordHash, PasswordHasher, User, Verdict, store::FoundUser},
};

/// The input of a log-in.
pub struct LogInAttempt {
    /// The login, as typed.
    pub login: String,
    /// The password, as typed.
    pub password: Password,
    /// The origin of the request.
    pub client: Client,
    /// The language of the log-in page.
    pub language: LanguageCode,
    /// The computer, as the person says.
    pub computer: Computer,
    /// The live session that the browser has already. The log-in ends this session and never continues it.
    pub replaces: Option<SessionId>,
    /// The hashes of the tokens in the browser's device cookie for this database.
    pub devices: Vec<DeviceTokenHash>,
    /// Whether the account knows the device from now on.
    pub remember_device: RememberDevice,
    /// The log-in code, if the person typed one. An attempt with the right code passes the throttles.
    pub code: TypedCode,
}

/// A session just opened. This value is the only place that holds the token; PostgreSQL has its hash.
pub struct OpenedSession {
    /// The token for the session cookie.
    pub token: SessionToken,
    /// The public id.
    pub id: SessionId,
    /// The session's user.
    pub user: User,
    /// The moment at which the session ends without activity, and the rule that ends it.
    pub expiry: Expiry,
    /// The moment at which the session ends regardless of activity; `None`: never.
    pub absolute_expires_at: Option<OffsetDateTime>,
    /// The computer, as the person said, or as a policy says.
    pub computer: Computer,
    /// The step that the person takes before anything else.
    pub step: Option<Step>,
    /// The token for the device cookie; `None` on a shared computer, or if a parallel log-in got the device's new
    /// token.
    pub device: Option<IssuedDeviceToken>,
}

/// The wait that failed attempts cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// This failure has caused a wait of so many seconds.
    Now(u32),
    /// One more failure causes a wait of so many seconds.
    AfterNextFailure(u32),
}

impl Wait {
    fn until(end: Option<OffsetDateTime>, now: OffsetDateTime) -> Option<Self> {
        end.map(|end| Self::Now(retry_after_seconds(end - now)))
    }
}

/// The reason why a log-in failed, for the person.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// Unknown login, wrong password or disabled user. The answer and its time do not tell the person which one (OWASP
    /// ASVS 6.3.8). The event does.
    #[error("login and password do not match")]
    WrongCredentials {
        /// The wait, whether or not a user has the login; `None` if neither this failure nor one more causes a wait.
        wait: Option<Wait>,
    },
    /// Too many attempts have failed. The password was not checked, or the result of the check was discarded.
    #[error("too many log-ins failed; try again in {retry_after_seconds} s")]
    Throttled {
        /// Seconds until the next attempt, whether or not a user has the login.
        retry_after_seconds: u32,
    },
    /// A module refused.
    #[error("the module '{}' refused: {}", .0.module, .0.code)]
    Denied(Denial),
    /// A module that decides has failed. The log has the cause.
    #[error("a module could not decide")]
    Undecided,
    /// The user has the largest number of live sessions, and the settings refuse more.
    #[error("the user has {most} live sessions, and may have no more")]
    TooManySessions {
        /// The largest number of live sessions.
        most: usize,
    },
    /// Too many log-ins at once.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A user whose password was right.
struct Verified {
    found: FoundUser,
    /// The password's hash by the present settings, if the stored hash was made with other settings.
    rehashed: Option<PasswordHash>,
}

/// The service that logs people in.
pub struct LogIn {
    settings: LogInSettings,
    all_names: AllNames,
    hasher: Arc<PasswordHasher>,
    databases: Arc<Databases>,
    sessions: Arc<Sessions>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    modules: Modules,
}

impl LogIn {
    pub(crate) fn new(
        settings: LogInSettings,
        hasher: Arc<PasswordHasher>,
        databases: Arc<Databases>,
        sessions: Arc<Sessions>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        modules: Modules,
    ) -> Self {
        Self {
            all_names: AllNames::new(&settings, databases.listed()),
            settings,
            hasher,
            databases,
            sessions,
            clock,
            random,
            modules,
        }
    }

    /// Verifies login and password and opens a session with a new token.
    pub async fn attempt(
        &self,
        database: &Database,
        attempt: LogInAttempt,
    ) -> Result<OpenedSession, LogInError> {
        let tried = outcome::tried(&attempt);
        let (guess, found) = self.admit(database, tried, &attempt.devices).await?;
        let opened = match self.verify(&attempt.password, found).await {
            Ok(verified) => self.open_session(database, &guess, verified, attempt).await,
            Err(refusal) => Err(refusal),
        };
        match opened {
            Ok(opened) => Ok(opened),
            Err(refusal) => Err(self.refuse(database, &guess, refusal).await),
        }
    }

    /// Verifies the password. An unknown login and a disabled user take as long as a wrong password.
    async fn verify(
        &self,
        password: &Password,
        found: Option<FoundUser>,
    ) -> Result<Verified, Refusal> {
        let hash = found.as_ref().map(|found| &found.password_hash);
        let verdict = self.hasher.verify(password, hash).await?;
        let Some(found) = found else {
            return Err(Refusal::Failed(LogInFailure::UnknownLogin));
        };
        let rehashed = match verdict {
            Verdict::Mismatch => return Err(Refusal::Failed(LogInFailure::WrongPassword)),
            _ if found.is_disabled => return Err(Refusal::Failed(LogInFailure::Disabled)),
            Verdict::MatchOutdated => Some(self.hasher.hash(password, &*self.random).await?),
            Verdict::Match => None,
        };
        Ok(Verified { found, rehashed })
    }
}
