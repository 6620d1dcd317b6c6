//! tower-sessions' store for one request: the values of the caller's session.
//!
//! The store opens no session: a log-in does that, in its own transaction. The store cannot revive a session
//! either: it saves values only in a session that has not ended.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use latchkey_core::{
    Core,
    session::{Caller, Context},
};
use tower_sessions::{
    Session, SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// A store with the session of the request's caller, if there is one.
#[derive(Clone)]
struct CallerStore {
    core: Core,
    caller: Option<Arc<Caller>>,
}

/// The session that handlers see. Its id is the public id; the token stays in the core. A stranger's session
/// has no id.
pub(super) fn session_of(core: &Core, caller: Option<Arc<Caller>>) -> Session {
    let id = caller.as_ref().map(|caller| {
        Id(i128::from_be_bytes(
            caller.session.id.as_uuid().into_bytes(),
        ))
    });
    let store = CallerStore {
        core: core.clone(),
        caller,
    };
    Session::new(id, Arc::new(store), None)
}

impl CallerStore {
    fn caller(&self) -> Result<&Caller> {
        let caller = self.caller.as_deref();
        caller
            .ok_or_else(|| Error::Backend("only a person who is logged in keeps values".to_owned()))
    }
}

impl fmt::Debug for CallerStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CallerStore")
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl SessionStore for CallerStore {
    /// Always fails: only a log-in opens a session.
    async fn create(&self, _: &mut Record) -> Result<()> {
        Err(Error::Backend("only a log-in opens a session".to_owned()))
    }

    /// Saves the values that the request has changed. If the session has ended meanwhile, nothing is saved,
    /// and that is no error.
    async fn save(&self, record: &Record) -> Result<()> {
        let values = record.data.clone().into_iter().collect();
        self.core
            .sessions
            .save_context(self.caller()?, &Context::new(values))
            .await
            .map_err(|error| Error::Backend(error.to_string()))
    }

    /// The values that the session's look-up has already read, so this needs no statement.
    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let caller = self.caller()?;
        Ok(Some(Record {
            id: *id,
            data: caller.context.values().clone().into_iter().collect(),
            expiry_date: caller.session.expiry.at,
        }))
    }

    /// Logs the caller out.
    async fn delete(&self, _: &Id) -> Result<()> {
        self.core
            .sessions
            .log_out(self.caller()?)
            .await
            .map_err(|error| Error::Backend(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use latchkey_core::{session::Resumed, testing::TestBed};
    use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

    use super::*;

    #[sqlx::test(migrations = false)]
    async fn a_handler_keeps_values_in_the_session(_: PgPoolOptions, options: PgConnectOptions) {
        let bed = TestBed::new(options).await;
        let opened = bed.log_in().await;
        let caller = async || Arc::new(bed.caller(&opened).await);
        let session = session_of(&bed.core, Some(caller().await));
        assert_eq!(session.get::<u32>("visits").await.unwrap(), None);
        assert!(!session.is_modified(), "what is only read is not saved");
        session.insert("visits", 1).await.unwrap();
        session.save().await.unwrap();
        let session = session_of(&bed.core, Some(caller().await));
        assert_eq!(session.get::<u32>("visits").await.unwrap(), Some(1));

        // Flushing a session logs out.
        session.flush().await.unwrap();
        assert!(session.id().is_none());
        let resumed = bed.resume(&opened.token).await;
        assert!(matches!(resumed, Resumed::Ended(_)));
    }

    #[sqlx::test(migrations = false)]
    async fn a_stranger_gets_no_session(_: PgPoolOptions, options: PgConnectOptions) {
        let bed = TestBed::new(options).await;
        let session = session_of(&bed.core, None);
        session.insert("visits", 1).await.unwrap();
        assert!(session.save().await.is_err());
    }
}
