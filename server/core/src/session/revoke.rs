//! Ends other sessions: a person revokes them, or an administrator ends them.

use latchkey_words::AuditAction;
use serde_json::json;

use super::{
    Bearer, Caller, Confirmed, EndCause, SessionId, Sessions,
    store::{self, End},
};
use crate::{
    StoreError,
    attempt::{self, store::Kept},
    audit,
    database::{Connection, Database, SystemTx},
    network::Network,
    user::User,
};

/// The reason why a session was not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// The caller's own session has ended meanwhile.
    #[error("the session has ended")]
    LoggedOut,
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

impl Sessions {
    /// Ends one of the caller's sessions. A session that has already ended stays as it is, and that is no error.
    pub async fn revoke(&self, confirmed: Confirmed<'_>, id: SessionId) -> Result<(), RevokeError> {
        self.revoke_several(confirmed, &[id]).await.map(|_count| ())
    }

    /// Ends several of the caller's sessions at once, and returns the number of those that were live. If a session of
    /// these ids is not the caller's, none ends.
    pub async fn revoke_several(
        &self,
        confirmed: Confirmed<'_>,
        ids: &[SessionId],
    ) -> Result<u32, RevokeError> {
        let caller = confirmed.caller();
        let end = self.revoke_by(caller);
        let mut tx = caller.transaction().await?;
        let mut sessions = store::lock_of_user(tx.connection(), caller.user.id, end.at).await?;
        if !caller.is_among(&sessions) {
            return Err(RevokeError::LoggedOut);
        }
        sessions.retain(|session| ids.contains(&session.id));
        for id in ids {
            let is_locked = sessions.iter().any(|session| session.id == *id);
            if !is_locked && !store::exists_own(&mut tx, *id).await? {
                return Err(RevokeError::NotFound);
            }
        }
        let ended = store::end_locked(tx.connection(), &sessions, None, end).await?;
        tx.commit().await?;
        self.ended(&caller.database, &caller.user, &ended, end.cause);
        Ok(u32::try_from(ended.len()).unwrap_or(u32::MAX))
    }

    /// Ends all other sessions of the caller, and returns their number. The account forgets other devices and networks,
    /// so that a copied device cookie is no sign any more.
    pub async fn revoke_others(&self, confirmed: Confirmed<'_>) -> Result<u32, RevokeError> {
        let caller = confirmed.caller();
        let end = self.revoke_by(caller);
        let mut tx = caller.transaction().await?;
        let sessions = store::lock_of_user(tx.connection(), caller.user.id, end.at).await?;
        if !caller.is_among(&sessions) {
            return Err(RevokeError::LoggedOut);
        }
        let kept = Some(caller.session.id);
        let ended = store::end_locked(tx.connection(), &sessions, kept, end).await?;
        forget_other_signs(tx.connection(), caller).await?;
        tx.commit().await?;
        self.ended(&caller.database, &caller.user, &ended, end.cause);
        Ok(u32::try_from(ended.len()).unwrap_or(u32::MAX))
    }

    fn revoke_by(&self, caller: &Caller) -> End {
        End {
            at: self.clock.now(),
            cause: EndCause::Revoked,
            by: Some(caller.session.id),
        }
    }

    /// Ends any session, for an administrator.
    pub async fn end(&self, database: &Database, id: SessionId) -> Result<(), EndSessionError> {
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
        record(&mut tx, &user, 1).await?;
        tx.commit().await?;
        self.ended(database, &user, &[id], end.cause);
        Ok(())
    }

    /// Ends all sessions of a user, for an administrator, and returns their number.
    pub async fn end_of_user(&self, database: &Database, user: &User) -> Result<u32, StoreError> {
        self.end_of_user_in(database.system().await?, database, user)
            .await
    }

    /// The same in a transaction that ends with it.
    pub(crate) async fn end_of_user_in(
        &self,
        mut tx: SystemTx,
        database: &Database,
        user: &User,
    ) -> Result<u32, StoreError> {
        let end = End {
            at: self.clock.now(),
            cause: EndCause::Administrator,
            by: None,
        };
        let ended = store::end_of_user(&mut tx, user.id, end).await?;
        record(&mut tx, user, ended.len()).await?;
        tx.commit().await?;
        self.ended(database, user, &ended, end.cause);
        Ok(u32::try_from(ended.len()).unwrap_or(u32::MAX))
    }
}

/// Writes into the audit log that an administrator has ended sessions of a user.
async fn record(tx: &mut SystemTx, user: &User, sessions: usize) -> Result<(), StoreError> {
    if sessions == 0 {
        return Ok(());
    }
    let after = json!({ "sessions": sessions });
    audit::store::write_of_user(tx, user, AuditAction::LoggedOut, after).await
}

/// Forgets the signs of the caller's account, except for the device and the network of the caller's session.
pub(crate) async fn forget_other_signs(
    connection: &mut Connection,
    caller: &Bearer,
) -> Result<(), StoreError> {
    let kept = Kept {
        device: store::device_of(connection, caller.session.id).await?,
        network: caller.session.address.map(Network::of),
    };
    attempt::store::forget_signs(connection, caller.user.id, &kept).await
}
