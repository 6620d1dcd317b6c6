//! tower-sessions' store, for one request: it reads through the core and writes nothing.
//!
//! Sessions are opened by a log-in and ended by the core, each in a transaction with its cause.
//! What tower-sessions does here is the cookie: it reads it, resumes the session when first asked,
//! and sets or removes it. There is no `save` that could bring an ended session back.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use async_trait::async_trait;
use latchkey_app::request::ISSUED_TOKEN;
use latchkey_core::{
    Core, StoreError,
    client::Client,
    database::Database,
    session::{Activity, Resumed, SessionToken},
};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// The sessions of the request's database, as its client may see them.
#[derive(Clone)]
pub(super) struct RequestStore {
    core: Core,
    client: Client,
    activity: Activity,
    database: Option<Database>,
    resumed: Arc<OnceLock<std::result::Result<Resumed, StoreError>>>,
}

impl RequestStore {
    pub fn new(core: Core, client: Client, activity: Activity, database: Option<Database>) -> Self {
        Self {
            core,
            client,
            activity,
            database,
            resumed: Arc::default(),
        }
    }

    /// Whether the person asks, or only their open page.
    pub fn activity(&self) -> Activity {
        self.activity
    }

    /// What the cookie stood for. Without a cookie nothing was looked up.
    pub fn resumed(&self) -> std::result::Result<Resumed, StoreError> {
        self.resumed.get().cloned().unwrap_or(Ok(Resumed::Unknown))
    }
}

impl fmt::Debug for RequestStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RequestStore")
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl SessionStore for RequestStore {
    /// After a log-in: the session is there already, and its token becomes the cookie's value.
    async fn create(&self, record: &mut Record) -> Result<()> {
        let issued = record
            .data
            .remove(ISSUED_TOKEN)
            .and_then(|token| serde_json::from_value(token).ok());
        let token: [u8; 16] =
            issued.ok_or_else(|| Error::Backend("a session without a log-in".to_owned()))?;
        record.id = Id(i128::from_le_bytes(token));
        Ok(())
    }

    async fn save(&self, _: &Record) -> Result<()> {
        Ok(())
    }

    /// There is a record for whatever the cookie holds: without one, tower-sessions would remove the
    /// cookie, and that would tell a database that is there from one that is not. An ended session
    /// keeps its cookie so that the browser is told why.
    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        if let Some(database) = &self.database {
            let token = SessionToken::from_bytes(id.0.to_le_bytes());
            let resumed = self
                .core
                .resume_session(database, &token, &self.client, self.activity)
                .await;
            // The only request that this store is for asks once.
            let _ = self.resumed.set(resumed);
        }
        Ok(Some(Record {
            id: *id,
            data: std::collections::HashMap::default(),
            expiry_date: self.core.clock.now(),
        }))
    }

    async fn delete(&self, _: &Id) -> Result<()> {
        Ok(())
    }
}
