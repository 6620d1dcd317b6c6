//! Makes log-in codes.

use std::sync::Arc;

use latchkey_words::AuditAction;
use serde_json::json;

use super::{AdministerError, actor::Act};
use crate::{
    StoreError,
    access::Verb,
    activity::{self, AccountEvent, AccountEventKind},
    attempt::{self, LOG_IN_CODE_IS_GOOD_FOR, LogInCode, store::NewCode},
    audit,
    client::Client,
    clock::Clock,
    database::{Database, SystemTx},
    module::{LogInCodeMade, Modules},
    random::Random,
    session::{self, Caller, Confirmed, RevokeError},
    user::{User, UserId},
};

/// The service of the log-in codes.
pub struct LogInCodes {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    modules: Modules,
}

impl LogInCodes {
    pub(crate) fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>, modules: Modules) -> Self {
        Self {
            clock,
            random,
            modules,
        }
    }

    /// Makes a log-in code for the caller, to log in with on another device.
    pub async fn make(&self, confirmed: Confirmed<'_>) -> Result<LogInCode, RevokeError> {
        let (caller, now) = (confirmed.caller(), self.clock.now());
        // A `SystemTx`, because a person's transaction may not write history.
        let mut tx = caller.database.system().await?;
        let sessions = session::store::lock_of_user(tx.connection(), caller.user.id, now).await?;
        if !caller.is_among(&sessions) {
            return Err(RevokeError::LoggedOut);
        }
        let code = self
            .write_code(&mut tx, &caller.user, Some(&caller.client))
            .await?;
        tx.commit().await?;
        self.modules.observe(
            &caller.database,
            [LogInCodeMade {
                user: caller.user.clone(),
                by: Some(caller.session.id),
                client: caller.client.clone(),
            }],
        );
        Ok(code)
    }

    /// Makes a log-in code for a user, as an administrator.
    pub async fn make_for(
        &self,
        database: &Database,
        user: &User,
    ) -> Result<LogInCode, StoreError> {
        let tx = database.system().await?;
        self.make_for_in(tx, database, user, None).await
    }

    /// Makes a log-in code for another user, as a person.
    pub async fn make_as(
        &self,
        confirmed: Confirmed<'_>,
        id: UserId,
    ) -> Result<LogInCode, AdministerError> {
        let caller = confirmed.caller();
        let mut act = Act::begin(caller, self.clock.now()).await?;
        let found = act.on_another(Verb::Write, id).await?;
        let made = self.make_for_in(act.tx, &caller.database, &found.user, Some(caller));
        Ok(made.await?)
    }

    async fn make_for_in(
        &self,
        mut tx: SystemTx,
        database: &Database,
        user: &User,
        by: Option<&Caller>,
    ) -> Result<LogInCode, StoreError> {
        let code = self.write_code(&mut tx, user, None).await?;
        audit::store::write_of_user(&mut tx, user, AuditAction::LogInCodeMade, json!({})).await?;
        tx.commit().await?;
        self.modules.observe(
            database,
            [LogInCodeMade {
                user: user.clone(),
                by: by.map(|caller| caller.session.id),
                client: by.map_or_else(Client::default, |caller| caller.client.clone()),
            }],
        );
        Ok(code)
    }

    /// Makes a code, and records that in the person's activity.
    async fn write_code(
        &self,
        tx: &mut SystemTx,
        user: &User,
        client: Option<&Client>,
    ) -> Result<LogInCode, StoreError> {
        let (code, now) = (LogInCode::new(&*self.random), self.clock.now());
        let new = NewCode {
            id: self.random.id(now),
            user: user.id,
            hash: code.hash(),
            expires_at: now + LOG_IN_CODE_IS_GOOD_FOR,
        };
        attempt::store::insert_code(tx.connection(), &new).await?;
        let made = AccountEvent {
            id: self.random.id(now),
            at: now,
            user: user.id,
            kind: AccountEventKind::LogInCodeMade,
            client,
            session: None,
        };
        activity::store::insert_event(tx.connection(), &made).await?;
        Ok(code)
    }
}
