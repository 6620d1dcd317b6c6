//! What happens to sessions after log-in: resume, list, end.

use super::{
    Activity, Caller, EndCause, EndedSession, ExpiryRule, Resumed, Session, SessionId,
    SessionToken,
    store::{self, End, Found, Touch},
};
use crate::{
    Core, StoreError,
    client::Client,
    database::Database,
    module::Event,
    settings::SessionSettings,
    user::{User, UserId},
};

/// Why a session was not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// The caller's own session has ended meanwhile.
    #[error("the session has ended")]
    SignedOut,
    /// Not there, or not the caller's: one answer.
    #[error("no such session")]
    NotFound,
    /// PostgreSQL's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an administrator did not end a session.
#[derive(Debug, thiserror::Error)]
pub enum EndSessionError {
    /// Not there, or ended already.
    #[error("no live session of that id")]
    NotFound,
    /// PostgreSQL's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Core {
    /// What a token stands for now. Every request starts here, with one SQL statement; no answer
    /// comes from a copy that a revoke cannot reach.
    pub async fn resume_session(
        &self,
        database: &Database,
        token: &SessionToken,
        client: &Client,
        activity: Activity,
    ) -> Result<Resumed, StoreError> {
        let now = self.clock.now();
        let settings = &self.settings.sessions;
        let touch = Touch {
            now,
            due_before: match activity {
                Activity::Person => now - settings.touch_interval(),
                // Nothing is as old as that.
                Activity::Background => time::OffsetDateTime::UNIX_EPOCH,
            },
            idle_expires_at: settings.idle_expiry(now),
        };
        let Some(found) = store::find(database, token.hash(), client, &touch).await? else {
            return Ok(Resumed::Unknown);
        };
        let expiry = found.session.expiry;
        if let Some((at, cause)) = found.end {
            return Ok(Resumed::Ended(ended(found, at, cause)));
        }
        if expiry.has_come(now) {
            let cause = match expiry.rule {
                ExpiryRule::Idle => EndCause::Idle,
                ExpiryRule::Absolute => EndCause::TooOld,
            };
            return Ok(Resumed::Ended(ended(found, expiry.at, cause)));
        }
        Ok(Resumed::Live(Box::new(Caller {
            database: database.clone(),
            new_password_required: found.password_is_one_time,
            session: found.session,
            user: found.user,
        })))
    }

    /// The caller's live sessions: the current one first, then by last activity.
    pub async fn list_sessions(&self, caller: &Caller) -> Result<Vec<Session>, StoreError> {
        let now = self.clock.now();
        let mut tx = caller.database.scoped(caller).await?;
        let sessions = store::list_live(&mut tx, caller.user.id, caller.session.id, now).await?;
        Ok(sessions)
    }

    /// How many live sessions the caller has.
    pub async fn count_sessions(&self, caller: &Caller) -> Result<u32, StoreError> {
        let now = self.clock.now();
        let mut tx = caller.database.scoped(caller).await?;
        let count = store::count_live(&mut tx, caller.user.id, now).await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Ends one of the caller's sessions. What has ended already stays as it is: a quiet success.
    pub async fn revoke_session(&self, caller: &Caller, id: SessionId) -> Result<(), RevokeError> {
        let end = self.revoke_by(caller);
        let mut tx = caller.database.scoped(caller).await?;
        let sessions = store::lock_of_user(tx.connection(), caller.user.id, end.at).await?;
        if !caller.is_among(&sessions) {
            return Err(RevokeError::SignedOut);
        }
        let revoked = store::end_own(&mut tx, id, end).await?;
        if !revoked && !store::exists_own(&mut tx, id).await? {
            return Err(RevokeError::NotFound);
        }
        tx.commit().await?;
        if revoked {
            self.sessions_ended(&caller.database, &caller.user, &[id], end.cause);
        }
        Ok(())
    }

    /// Ends all of the caller's sessions but this one, and says how many that were.
    pub async fn revoke_other_sessions(&self, caller: &Caller) -> Result<u32, RevokeError> {
        let end = self.revoke_by(caller);
        let mut tx = caller.database.scoped(caller).await?;
        let sessions = store::lock_of_user(tx.connection(), caller.user.id, end.at).await?;
        if !caller.is_among(&sessions) {
            return Err(RevokeError::SignedOut);
        }
        let kept = Some(caller.session.id);
        let ended = store::end_locked(tx.connection(), &sessions, kept, end).await?;
        tx.commit().await?;
        self.sessions_ended(&caller.database, &caller.user, &ended, end.cause);
        Ok(u32::try_from(ended.len()).unwrap_or(u32::MAX))
    }

    fn revoke_by(&self, caller: &Caller) -> End {
        End {
            at: self.clock.now(),
            cause: EndCause::Revoked,
            by: Some(caller.session.id),
        }
    }

    /// Ends the caller's own session.
    pub async fn log_out(&self, caller: &Caller) -> Result<(), StoreError> {
        let end = End {
            at: self.clock.now(),
            cause: EndCause::LoggedOut,
            by: None,
        };
        let mut tx = caller.database.scoped(caller).await?;
        let ended = store::end_own(&mut tx, caller.session.id, end).await?;
        tx.commit().await?;
        if ended {
            self.sessions_ended(
                &caller.database,
                &caller.user,
                &[caller.session.id],
                end.cause,
            );
        }
        Ok(())
    }

    /// The live sessions of a database, or of one user there, for an administrator.
    pub async fn list_all_sessions(
        &self,
        database: &Database,
        user: Option<UserId>,
    ) -> Result<Vec<(User, Session)>, StoreError> {
        store::list_all(database, user, self.clock.now()).await
    }

    /// Ends any session, for an administrator.
    pub async fn end_session(
        &self,
        database: &Database,
        id: SessionId,
    ) -> Result<(), EndSessionError> {
        let end = End {
            at: self.clock.now(),
            cause: EndCause::Administrator,
            by: None,
        };
        let mut tx = database.system().await?;
        let Some(owner) = store::end_one(&mut tx, id, end).await? else {
            return Err(EndSessionError::NotFound);
        };
        let user = crate::user::store::get(&mut tx, owner).await?;
        tx.commit().await?;
        self.sessions_ended(database, &user, &[id], end.cause);
        Ok(())
    }

    /// Ends all sessions of a user, for an administrator; says how many that were.
    pub async fn end_sessions_of(
        &self,
        database: &Database,
        user: &User,
    ) -> Result<u32, StoreError> {
        let end = End {
            at: self.clock.now(),
            cause: EndCause::Administrator,
            by: None,
        };
        let mut tx = database.system().await?;
        let ended = store::end_of_user(&mut tx, user.id, end).await?;
        tx.commit().await?;
        self.sessions_ended(database, user, &ended, end.cause);
        Ok(u32::try_from(ended.len()).unwrap_or(u32::MAX))
    }

    /// Tells the modules, after the commit.
    pub(crate) fn sessions_ended(
        &self,
        database: &Database,
        user: &User,
        ids: &[SessionId],
        cause: EndCause,
    ) {
        let ended = ids
            .iter()
            .map(|id| Event::session_ended(database, user, *id, cause));
        self.modules.observe(ended);
    }
}

/// Brings the live sessions of a database under timeouts that were shortened since.
pub(crate) async fn tighten(
    database: &Database,
    settings: SessionSettings,
) -> Result<(), StoreError> {
    let absolute = settings
        .absolute_timeout
        .map(|timeout| timeout.as_secs_f64());
    store::shorten(database, settings.idle_timeout.as_secs_f64(), absolute).await
}

fn ended(found: Found, at: time::OffsetDateTime, cause: EndCause) -> EndedSession {
    EndedSession {
        cause,
        at,
        by: found.ended_by,
        time_zone: found.session.time_zone,
    }
}
