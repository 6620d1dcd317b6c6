//! Resumes, lists and ends sessions.

use std::sync::Arc;

use time::OffsetDateTime;

use super::{
    Activity, Bearer, Caller, Computer, Confirmed, Context, EndCause, EndedSession, ListedSession,
    PastSession, Pending, Resumed, SaveContextError, Session, SessionId, SessionToken, TokenHash,
    store::{self, End, Found, Touch, TouchOf},
    token::Standing,
};
use crate::{
    Core, StoreError,
    client::Client,
    database::Database,
    module::Event,
    user::{User, UserId},
};

/// The largest number of ended sessions in a list. More would not help a person to recognize a session.
pub(super) const MOST_ENDED: i64 = 20;

/// The time after log-in in which a session may be ended because the browser kept no cookie.
const UNKEPT: time::Duration = time::Duration::minutes(1);

/// The largest number of live sessions in a list: the caller's own session and the hundred others that were used last.
pub(super) const MOST_LISTED: i64 = 101;

/// The reason why a session was not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// The caller's own session has ended meanwhile.
    #[error("the session has ended")]
    SignedOut,
    /// The session does not exist, or is not the caller's. The answer does not say which.
    #[error("no such session")]
    NotFound,
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The reason why an administrator's command did not end a session.
#[derive(Debug, thiserror::Error)]
pub enum EndSessionError {
    /// The session does not exist, or has already ended.
    #[error("no live session of that id")]
    NotFound,
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Core {
    /// Runs two statements, as the look-up of an unknown token does. So the time of an answer does not reveal whether a
    /// database exists.
    pub async fn resume_session_nowhere(&self) -> Result<(), StoreError> {
        self.databases.ping().await?;
        self.databases.ping().await
    }

    /// Looks up a token. Every request starts here, with one SQL statement that it shares with the requests that come
    /// in at the same moment. A second statement runs if there is something to write, or if the token is no longer the
    /// session's own. Nothing is cached, so that a revoke takes effect at once.
    pub async fn resume_session(
        &self,
        database: &Database,
        token: &SessionToken,
        client: &Client,
        activity: Activity,
    ) -> Result<Resumed, StoreError> {
        let now = self.clock.now();
        let touch = self.touch(now, activity);
        let Some(found) = store::find(database, token.hash(), client, &touch).await? else {
            return Ok(Resumed::Unknown);
        };
        let expiry = found.session.expiry;
        if let Some((at, cause)) = found.end {
            return Ok(Resumed::Ended(ended(found, at, cause)));
        }
        // Record the expiry when it is first seen. Otherwise a clock that is set back, or another node's
        // slower clock, would revive the session.
        if expiry.has_come(now) {
            return self
                .end_found(database, found, expiry.at, expiry.rule.into())
                .await;
        }
        // Two clients have the token. One of them is not the person, and the server cannot tell which.
        if found.token.standing == Standing::Stale {
            let cause = EndCause::TokenReused;
            return self.end_found(database, found, now, cause).await;
        }
        let bearer = Bearer {
            database: database.clone(),
            client: client.clone(),
            token: found.token,
            session: found.session,
            user: found.user,
            context: found.context,
        };
        Ok(match found.step {
            None => Resumed::Live(Arc::new(Caller::new(bearer))),
            Some(step) => Resumed::Pending(Arc::new(Pending::new(bearer, step))),
        })
    }

    fn touch(&self, now: OffsetDateTime, activity: Activity) -> Touch {
        let settings = &self.settings.sessions;
        let touch_of = |computer| TouchOf {
            due_before: now - settings.touch_interval(computer),
            idle_expires_at: settings.idle_expiry(now, computer),
        };
        Touch {
            now,
            is_activity: activity == Activity::Person,
            personal: touch_of(Computer::Own),
            shared: touch_of(Computer::Shared),
            grace_since: now - settings.rotation_grace,
        }
    }

    /// Ends the session of a browser that has not kept its cookie and so cannot use the session. `token` is the hash of
    /// the token that the log-in issued. This works only within a minute of the log-in, so that an address in a
    /// browser's history ends nothing.
    pub async fn end_unkept_session(
        &self,
        database: &Database,
        token: TokenHash,
        client: &Client,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let touch = self.touch(now, Activity::Background);
        let found = store::find_by_own(database, token, client, &touch).await?;
        if let Some(found) = found
            && found.end.is_none()
            && now - found.session.created_at < UNKEPT
        {
            self.end_found(database, found, now, EndCause::LoggedOut)
                .await?;
        }
        Ok(())
    }

    /// Ends the session that the look-up of a token found.
    async fn end_found(
        &self,
        database: &Database,
        found: Found,
        at: OffsetDateTime,
        cause: EndCause,
    ) -> Result<Resumed, StoreError> {
        let id = found.session.id;
        let end = End {
            at,
            cause,
            by: None,
        };
        let mut tx = database.system().await?;
        let ended_now = store::end_one(&mut tx, id, end).await?;
        tx.commit().await?;
        if ended_now.is_some() {
            self.sessions_ended(database, &found.user, &[id], cause);
        }
        Ok(Resumed::Ended(ended(found, at, cause)))
    }

    /// The caller's live sessions, 101 at most: the current one first, then by last activity.
    pub async fn list_sessions(&self, caller: &Caller) -> Result<Vec<ListedSession>, StoreError> {
        let now = self.clock.now();
        let mut tx = caller.database.scoped(caller).await?;
        let (user, current) = (caller.user.id, caller.session.id);
        store::list_live(&mut tx, user, current, now, MOST_LISTED).await
    }

    /// The caller's sessions that ended lately, the latest first.
    pub async fn list_ended_sessions(
        &self,
        caller: &Caller,
    ) -> Result<Vec<PastSession>, StoreError> {
        let now = self.clock.now();
        let mut tx = caller.database.scoped(caller).await?;
        store::list_ended(&mut tx, caller.user.id, now, None, MOST_ENDED).await
    }

    /// The number of the caller's live sessions.
    pub async fn count_sessions(&self, caller: &Caller) -> Result<u32, StoreError> {
        let now = self.clock.now();
        let mut tx = caller.database.scoped(caller).await?;
        let count = store::count_live(&mut tx, caller.user.id, now).await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Ends one of the caller's sessions. A session that has already ended stays as it is, and that is no error.
    pub async fn revoke_session(
        &self,
        confirmed: Confirmed<'_>,
        id: SessionId,
    ) -> Result<(), RevokeError> {
        let caller = confirmed.caller();
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

    /// Ends all other sessions of the caller, and returns their number. The account forgets other devices and networks,
    /// so that a copied device cookie is no sign any more.
    pub async fn revoke_other_sessions(
        &self,
        confirmed: Confirmed<'_>,
    ) -> Result<u32, RevokeError> {
        let caller = confirmed.caller();
        let end = self.revoke_by(caller);
        let mut tx = caller.database.scoped(caller).await?;
        let sessions = store::lock_of_user(tx.connection(), caller.user.id, end.at).await?;
        if !caller.is_among(&sessions) {
            return Err(RevokeError::SignedOut);
        }
        let kept = Some(caller.session.id);
        let ended = store::end_locked(tx.connection(), &sessions, kept, end).await?;
        self.forget_other_signs(tx.connection(), caller).await?;
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

    /// Saves the context of the caller's session. Only the keys that the request has changed are written, so that two
    /// requests that change different keys both succeed. If the session has ended meanwhile, nothing is saved, and that
    /// is no error.
    pub async fn save_context(
        &self,
        caller: &Caller,
        context: &Context,
    ) -> Result<(), SaveContextError> {
        context.check()?;
        let Some(change) = caller.context.change_to(context) else {
            return Ok(());
        };
        let mut tx = caller.database.scoped(caller).await?;
        store::change_context(&mut tx, caller.session.id, &change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends the caller's own session, whether or not its log-in is finished.
    pub async fn log_out(&self, caller: &Bearer) -> Result<(), StoreError> {
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

    /// Ends all sessions of a user, for an administrator, and returns their number.
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

    /// Tells the modules of ended sessions. Call this after the commit.
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

fn ended(found: Found, at: OffsetDateTime, cause: EndCause) -> EndedSession {
    EndedSession {
        cause,
        at,
        by: found.ended_by,
        time_zone: found.session.time_zone,
    }
}
