//! Logging in: verify, decide, open.

use time::OffsetDateTime;

use super::{
    AuthenticatedBy, EndCause, Expiry, SessionId, SessionToken, Step,
    store::{self, End, NewSession},
};
use crate::{
    Core, StoreError,
    attempt::{
        DeviceTokenHash, Guess, IssuedDeviceToken, LoggedInDevice, RememberDevice, TypedCode,
    },
    client::Client,
    database::{Database, SystemTx},
    module::{Decision, Event, LogInFailure, SessionOpening},
    user::{self, Overloaded, Password, User, Verdict},
};

/// What somebody brings who wants to log in.
pub struct LogInAttempt {
    /// As typed.
    pub login: String,
    /// As typed.
    pub password: Password,
    /// Where it comes from.
    pub client: Client,
    /// Whether the person says that others use this computer, too.
    pub is_on_shared_computer: bool,
    /// The live session that the same browser brought along. It ends; it is never adopted.
    pub replaces: Option<SessionId>,
    /// Of what the browser's device cookie for this database holds.
    pub devices: Vec<DeviceTokenHash>,
    /// Whether the device gets to be known, if it is not.
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
    /// Whose it is.
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

/// Why nobody was logged in.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// Unknown login, wrong password or disabled user: the same to the person, in words and time
    /// (OWASP ASVS 6.3.8). The event says which.
    #[error("login and password do not match")]
    WrongCredentials,
    /// Too many have failed. The password was not looked at, or it does not count.
    #[error("too many log-ins failed; try again in {retry_after_seconds} s")]
    Throttled {
        /// When to try again, whether or not somebody has the login.
        retry_after_seconds: u32,
    },
    /// A module refused.
    #[error("refused: {code}")]
    Denied {
        /// The module's word for it, for programs.
        code: &'static str,
        /// What the person reads.
        message: String,
    },
    /// Too many log-ins at once.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// PostgreSQL's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why no session was opened, or nothing was looked at. The transaction is over when the
/// attempt is recorded: a log-in never waits for a second connection with one in its hand.
pub(crate) enum Refusal {
    /// As if the password had been wrong.
    Failed(LogInFailure),
    /// Too many had failed before: nothing was looked at, and nothing will be until then.
    Throttled(OffsetDateTime),
    /// Failures that came in meanwhile have brought a delay.
    Overtaken,
    /// A module refused.
    Denied {
        failure: LogInFailure,
        code: &'static str,
        message: String,
    },
    /// PostgreSQL's fault.
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Core {
    /// Verifies login and password and opens a session with a new token.
    pub async fn log_in(
        &self,
        database: &Database,
        attempt: LogInAttempt,
    ) -> Result<OpenedSession, LogInError> {
        let (guess, found) = self.admit_guess(database, &attempt).await?;
        let hash = found.as_ref().map(|found| &found.password_hash);
        let verdict = self.passwords.verify(&attempt.password, hash).await?;
        let failure = match &found {
            None => Some(LogInFailure::UnknownLogin),
            Some(_) if verdict == Verdict::Mismatch => Some(LogInFailure::WrongPassword),
            Some(found) if found.is_disabled => Some(LogInFailure::Disabled),
            Some(_) => None,
        };
        match (failure, found) {
            (None, Some(found)) => {
                let rehashed = match verdict {
                    Verdict::MatchOutdated => Some(
                        self.passwords
                            .hash(&attempt.password, &*self.random)
                            .await?,
                    ),
                    _ => None,
                };
                match self
                    .open_session(database, &guess, found, rehashed, attempt)
                    .await
                {
                    Ok(opened) => Ok(opened),
                    Err(refusal) => Err(self.guess_refused(database, &guess, refusal).await?),
                }
            }
            (failure, _) => {
                let failure = failure.unwrap_or(LogInFailure::UnknownLogin);
                Err(self.guess_failed(database, &guess, failure).await?)
            }
        }
    }

    /// One transaction, with the user's row locked: what the modules decide holds when it commits.
    async fn open_session(
        &self,
        database: &Database,
        guess: &Guess,
        found: user::store::FoundUser,
        rehashed: Option<user::PasswordHash>,
        attempt: LogInAttempt,
    ) -> Result<OpenedSession, Refusal> {
        let now = self.clock.now();
        let mut tx = database.system().await?;
        // Disabled, or another password since it was verified: as if it had been so before.
        if !user::store::lock_unchanged(&mut tx, found.user.id, &found.password_hash).await? {
            return Err(Refusal::Failed(LogInFailure::WrongPassword));
        }
        user::store::renew_key(&mut tx, &found.user).await?;
        if let Some(hash) = &rehashed {
            user::store::set_hash(&mut tx, found.user.id, hash).await?;
        }
        let mut events = Vec::new();
        if let Some(replaced) = attempt.replaces {
            let end = End {
                at: now,
                cause: EndCause::Replaced,
                by: None,
            };
            let locked = store::lock_for_log_in(&mut tx, found.user.id, replaced, now).await?;
            // What has expired meanwhile is left to the sweep.
            let is_locked = locked.iter().any(|session| session.id == replaced);
            if is_locked && let Some(owner) = store::end_one(&mut tx, replaced, end).await? {
                // Somebody else may have been logged in here before.
                let owner = user::store::get(&mut tx, owner).await?;
                events.push(Event::session_ended(database, &owner, replaced, end.cause));
            }
        }
        events.extend(
            self.decide(database, &mut tx, &found.user, &attempt, now)
                .await?,
        );
        events.extend(self.make_room(database, &mut tx, &found.user, now).await?);
        let id = SessionId::new(self.random.id(now));
        let device = self
            .guess_succeeded(&mut tx, guess, id, attempt.remember_device)
            .await?;
        let opening = Opening { id, device, now };
        let opened = self
            .write_session(&mut tx, found, &attempt, opening)
            .await?;
        tx.commit().await?;

        if guess.has_used_code() {
            events.push(Event::LogInCodeUsed {
                database: database.name().clone(),
                user: opened.user.clone(),
                session: opened.id,
                client: attempt.client.clone(),
            });
        }
        events.push(Event::LogInSucceeded {
            database: database.name().clone(),
            user: opened.user.clone(),
            session: opened.id,
            client: attempt.client,
        });
        self.modules.observe(events);
        Ok(opened)
    }

    /// Asks every module in order; ends what they want ended.
    async fn decide(
        &self,
        database: &Database,
        tx: &mut SystemTx,
        user: &User,
        attempt: &LogInAttempt,
        now: OffsetDateTime,
    ) -> Result<Vec<Event>, Refusal> {
        let mut events = Vec::new();
        for module in self.modules.iter() {
            let mut opening = SessionOpening {
                database,
                user,
                client: &attempt.client,
                now,
                tx,
            };
            match module.before_session_open(&mut opening).await? {
                Decision::Allow => {}
                Decision::EndOldest(count) => {
                    let live = store::lock_live(tx, user.id, now).await?;
                    for id in live.into_iter().take(count) {
                        let end = End {
                            at: now,
                            cause: EndCause::Limit,
                            by: None,
                        };
                        store::end_one(tx, id, end).await?;
                        events.push(Event::session_ended(database, user, id, end.cause));
                    }
                }
                Decision::Deny { code, message } => {
                    let failure = LogInFailure::Denied {
                        module: module.name(),
                        code,
                    };
                    return Err(Refusal::Denied {
                        failure,
                        code,
                        message,
                    });
                }
            }
        }
        Ok(events)
    }

    async fn write_session(
        &self,
        tx: &mut SystemTx,
        found: user::store::FoundUser,
        attempt: &LogInAttempt,
        Opening { id, device, now }: Opening,
    ) -> Result<OpenedSession, StoreError> {
        let token = SessionToken::new(&*self.random);
        let is_on_shared_computer = attempt.is_on_shared_computer;
        let settings = &self.settings.sessions;
        let idle_expires_at = settings.idle_expiry(now, is_on_shared_computer);
        let absolute_expires_at = settings.absolute_expiry(now);
        let pending: &[Step] = if found.password_is_one_time {
            &[Step::NewPassword]
        } else {
            &[]
        };
        let new = NewSession {
            id,
            token_hash: token.hash(),
            user: found.user.id,
            authenticated_by: if found.password_is_one_time {
                AuthenticatedBy::OneTimePassword
            } else {
                AuthenticatedBy::Password
            },
            now,
            idle_expires_at,
            absolute_expires_at,
            client: &attempt.client,
            device: &device,
            is_on_shared_computer,
            pending,
        };
        store::insert(tx, &new).await?;
        Ok(OpenedSession {
            token,
            id,
            user: found.user,
            expiry: Expiry::earlier(idle_expires_at, absolute_expires_at),
            absolute_expires_at,
            is_on_shared_computer,
            step: pending.first().copied(),
            device: device.token,
        })
    }
}

/// A session about to be written.
struct Opening {
    id: SessionId,
    device: LoggedInDevice,
    now: OffsetDateTime,
}
