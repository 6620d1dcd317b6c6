//! Logging in: verify, decide, open.
//!
//! This room stands above sessions, attempts, users and modules, and calls each of them. `guess.rs` says whether an
//! attempt is looked at, and records what came of it. `open.rs` opens the session. `nowhere.rs` answers
//! attempts at names of no database.

mod guess;
mod nowhere;
mod open;

use time::OffsetDateTime;

use guess::Refusal;
pub use nowhere::Nowhere;

use crate::{
    Core, StoreError,
    attempt::{DeviceTokenHash, IssuedDeviceToken, RememberDevice, TypedCode},
    client::Client,
    database::Database,
    module::{Denial, LogInFailure},
    session::{Expiry, SessionId, SessionToken, Step},
    user::{Overloaded, Password, PasswordHash, User, Verdict, store::FoundUser},
};

/// What a person brings to log in.
pub struct LogInAttempt {
    /// As typed.
    pub login: String,
    /// As typed.
    pub password: Password,
    /// The origin of the request.
    pub client: Client,
    /// Whether the person says that others use this computer, too.
    pub is_on_shared_computer: bool,
    /// The live session that the same browser brought along. It ends; it is never adopted.
    pub replaces: Option<SessionId>,
    /// The hashes of the tokens in the browser's device cookie for this database.
    pub devices: Vec<DeviceTokenHash>,
    /// Whether the account knows the device from now on.
    pub remember_device: RememberDevice,
    /// The log-in code, if one was typed: the right one passes the throttles.
    pub code: TypedCode,
}

/// A session just opened. The token is here once and nowhere else.
pub struct OpenedSession {
    /// For the cookie.
    pub token: SessionToken,
    /// The public id.
    pub id: SessionId,
    /// The session's user.
    pub user: User,
    /// When it ends by itself if it is not used.
    pub expiry: Expiry,
    /// When it ends in spite of use, if ever.
    pub absolute_expires_at: Option<OffsetDateTime>,
    /// As said at log-in.
    pub is_on_shared_computer: bool,
    /// The step that the person takes before anything else.
    pub step: Option<Step>,
    /// For the device cookie; `None` on a shared computer, and where a log-in that ran in parallel got
    /// the device's new token.
    pub device: Option<IssuedDeviceToken>,
}

/// Why a log-in failed, for the person.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// Unknown login, wrong password or disabled user: the same to the person, in words and time
    /// (OWASP ASVS 6.3.8). The event says which.
    #[error("login and password do not match")]
    WrongCredentials,
    /// Too many have failed. The password was not looked at, or it does not count.
    #[error("too many log-ins failed; try again in {retry_after_seconds} s")]
    Throttled {
        /// When to try again, for a login that no user has as well.
        retry_after_seconds: u32,
    },
    /// A module refused.
    #[error("the module '{}' refused: {}", .0.module, .0.code)]
    Denied(Denial),
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
    /// The password's hash by today's settings, if the stored hash was made by others.
    rehashed: Option<PasswordHash>,
}

impl Core {
    /// Verifies login and password and opens a session with a new token.
    pub async fn log_in(
        &self,
        database: &Database,
        attempt: LogInAttempt,
    ) -> Result<OpenedSession, LogInError> {
        let tried = guess::tried(&attempt);
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

    /// Takes as long for a login that no user has, and for a disabled user, as for a wrong password.
    async fn verify(
        &self,
        password: &Password,
        found: Option<FoundUser>,
    ) -> Result<Verified, Refusal> {
        let hash = found.as_ref().map(|found| &found.password_hash);
        let verdict = self.passwords.verify(password, hash).await?;
        let Some(found) = found else {
            return Err(Refusal::Failed(LogInFailure::UnknownLogin));
        };
        let rehashed = match verdict {
            Verdict::Mismatch => return Err(Refusal::Failed(LogInFailure::WrongPassword)),
            _ if found.is_disabled => return Err(Refusal::Failed(LogInFailure::Disabled)),
            Verdict::MatchOutdated => Some(self.passwords.hash(password, &*self.random).await?),
            Verdict::Match => None,
        };
        Ok(Verified { found, rehashed })
    }
}
