//! Opens a session after a right password, unless a module or the limit of sessions refuses.

use time::OffsetDateTime;

use super::{LogIn, LogInAttempt, OpenedSession, Verified, outcome::Refusal};
use crate::{
    StoreError,
    attempt::Guess,
    database::{Database, SystemTx},
    device::{LoggedInDevice, RememberDevice},
    module::{LogInCodeUsed, LogInFailure, LogInSucceeded, SessionEnded},
    session::{
        self, AuthenticatedBy, Computer, EndCause, Expiry, SessionId, SessionSettings,
        SessionToken, Step,
        store::{End, NewSession},
    },
    user::{self, store::FoundUser},
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
        let mut asked = self.ask(database, guess, &found.user, &attempt).await?;
        let mut tx = database.system().await?;
        // The user was disabled, or the password changed, since the password was verified. The answer is the same as if
        // that had happened before.
        if !user::store::lock_unchanged(&mut tx, found.user.id, &found.password_hash).await? {
            return Err(Refusal::Failed(LogInFailure::WrongPassword));
        }
        let now = self.clock.now();
        if let Some(asked) = &mut asked {
            asked.candidate.now = now;
        }
        user::store::renew_key(&mut tx, &found.user).await?;
        if let Some(hash) = &rehashed {
            user::store::set_hash(&mut tx, found.user.id, hash).await?;
        }
        let access = self
            .sessions
            .access_of(&mut tx, database, found.user.id)
            .await?;
        let settings = access.settings;
        if settings.always_shared {
            attempt.computer = Computer::Shared;
            attempt.remember_device = RememberDevice::No;
            if let Some(asked) = &mut asked {
                asked.candidate.is_shared_computer = true;
            }
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
                events.push(SessionEnded::new(&owner, replaced, end.cause).into());
            }
        }
        // What a module or the limit says is answered after `record_success`, which refuses where guesses at the same time have caused a
        // delay. Otherwise the answer would say that a guess was right. A refusal undoes all of this.
        let end = End {
            at: now,
            cause: EndCause::Limit,
            by: None,
        };
        let (ended, refused) = self.decide(&mut tx, &access, &mut asked, end).await?;
        events.extend(ended);
        let room = self
            .sessions
            .make_room(&mut tx, &found.user, &settings, now)
            .await?;
        let id = SessionId::new(self.random.id(now));
        let device = self
            .record_success(&mut tx, guess, id, attempt.remember_device)
            .await?;
        if let Some(refused) = refused {
            return Err(refused.into());
        }
        events.extend(room.map_err(Refusal::TooManySessions)?);
        let opening = SessionToOpen {
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
            events.push(
                LogInCodeUsed {
                    user: opened.user.clone(),
                    session: opened.id,
                    client: attempt.client.clone(),
                }
                .into(),
            );
        }
        events.push(
            LogInSucceeded {
                user: opened.user.clone(),
                session: opened.id,
                client: attempt.client,
            }
            .into(),
        );
        self.modules.observe(database, events);
        Ok(opened)
    }

    async fn write_session(
        &self,
        tx: &mut SystemTx,
        found: FoundUser,
        attempt: &LogInAttempt,
        opening: SessionToOpen,
    ) -> Result<OpenedSession, StoreError> {
        let token = SessionToken::new(&*self.random);
        let computer = attempt.computer;
        let SessionToOpen {
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
struct SessionToOpen {
    id: SessionId,
    device: LoggedInDevice,
    settings: SessionSettings,
    now: OffsetDateTime,
}
