//! Opens a session after a right password, unless a module or the limit of sessions refuses.

use time::OffsetDateTime;

use super::{LogIn, LogInAttempt, OpenedSession, Verified, outcome::Refusal};
use crate::{
    StoreError,
    attempt::Guess,
    database::{Database, SystemTx},
    device::{LoggedInDevice, RememberDevice},
    module::{Decision, Denial, Event, LogInFailure, SessionOpening},
    session::{
        self, AuthenticatedBy, Computer, EndCause, Expiry, SessionId, SessionSettings,
        SessionToken, Step,
        store::{End, NewSession},
    },
    user::{self, User, store::FoundUser},
};

impl LogIn {
    /// Opens the session in one transaction that locks the user's row, so that the modules' decisions still hold at the
    /// commit.
    pub(super) async fn open_session(
        &self,
        database: &Database,
        guess: &Guess,
        Verified { found, rehashed }: Verified,
        mut attempt: LogInAttempt,
    ) -> Result<OpenedSession, Refusal> {
        let now = self.clock.now();
        let mut tx = database.system().await?;
        // The user was disabled, or the password changed, since the password was verified. The answer is the same as if
        // that had happened before.
        if !user::store::lock_unchanged(&mut tx, found.user.id, &found.password_hash).await? {
            return Err(Refusal::Failed(LogInFailure::WrongPassword));
        }
        user::store::renew_key(&mut tx, &found.user).await?;
        if let Some(hash) = &rehashed {
            user::store::set_hash(&mut tx, found.user.id, hash).await?;
        }
        let settings = self
            .sessions
            .settings_of(&mut tx, database, found.user.id)
            .await?;
        if settings.always_shared {
            attempt.computer = Computer::Shared;
            attempt.remember_device = RememberDevice::No;
        }
        let mut events = Vec::new();
        if let Some(replaced) = attempt.replaces {
            let end = End {
                at: now,
                cause: EndCause::Replaced,
                by: None,
            };
            let locked =
                session::store::lock_for_log_in(&mut tx, found.user.id, replaced, now).await?;
            // If the replaced session has expired meanwhile, the sweep marks it.
            let is_locked = locked.iter().any(|session| session.id == replaced);
            if is_locked
                && let Some(owner) = session::store::end_one(&mut tx, replaced, end).await?
            {
                // The replaced session may belong to another user.
                let owner = user::store::get(&mut tx, owner).await?;
                events.push(Event::session_ended(database, &owner, replaced, end.cause));
            }
        }
        // What a module or the limit says is told after `record_success`, which refuses where guesses at the same time have caused a
        // delay. Otherwise the answer would say that a guess was right. A refusal undoes all of this.
        let (ended, denied) = self
            .decide(database, &mut tx, &found.user, &attempt, now)
            .await?;
        events.extend(ended);
        let room = self
            .sessions
            .make_room(database, &mut tx, &found.user, &settings, now)
            .await?;
        let id = SessionId::new(self.random.id(now));
        let device = self
            .record_success(&mut tx, guess, id, attempt.remember_device)
            .await?;
        if let Some(denial) = denied {
            return Err(Refusal::Denied(denial));
        }
        events.extend(room.map_err(Refusal::TooManySessions)?);
        let opening = Opening {
            id,
            device,
            settings,
            now,
        };
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

    /// Asks every module in order, and ends sessions where a module's decision says so. Returns the events, and the refusal of the
    /// first module that refuses.
    async fn decide(
        &self,
        database: &Database,
        tx: &mut SystemTx,
        user: &User,
        attempt: &LogInAttempt,
        now: OffsetDateTime,
    ) -> Result<(Vec<Event>, Option<Denial>), StoreError> {
        if self.modules.is_empty() {
            return Ok((Vec::new(), None));
        }
        let mut live = session::store::lock_live(tx, user.id, now).await?;
        let mut events = Vec::new();
        for module in self.modules.iter() {
            let opening = SessionOpening {
                database,
                user,
                client: &attempt.client,
                now,
                live: &live,
            };
            match module.before_session_open(&opening).await? {
                Decision::Allow => {}
                Decision::EndOldest(count) => {
                    for id in live.drain(..count.min(live.len())) {
                        let end = End {
                            at: now,
                            cause: EndCause::Limit,
                            by: None,
                        };
                        session::store::end_one(tx, id, end).await?;
                        events.push(Event::session_ended(database, user, id, end.cause));
                    }
                }
                Decision::Deny(denial) => return Ok((events, Some(denial))),
            }
        }
        Ok((events, None))
    }

    async fn write_session(
        &self,
        tx: &mut SystemTx,
        found: FoundUser,
        attempt: &LogInAttempt,
        opening: Opening,
    ) -> Result<OpenedSession, StoreError> {
        let token = SessionToken::new(&*self.random);
        let computer = attempt.computer;
        let Opening {
            id,
            device,
            settings,
            now,
        } = opening;
        let idle_expires_at = settings.idle_expiry(now, computer);
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
            computer,
            pending,
        };
        session::store::insert(tx, &new).await?;
        Ok(OpenedSession {
            token,
            id,
            user: found.user,
            expiry: Expiry::earlier(idle_expires_at, absolute_expires_at),
            absolute_expires_at,
            computer,
            step: pending.first().copied(),
            device: device.token,
        })
    }
}

/// A session about to be written.
struct Opening {
    id: SessionId,
    device: LoggedInDevice,
    settings: SessionSettings,
    now: OffsetDateTime,
}
