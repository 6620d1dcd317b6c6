//! The API for modules: what may be decided and observed from outside the core.
//!
//! Deciders run inside the log-in transaction, in order of registration, with the user's row
//! locked: what they decide still holds when it commits. Observers run after the commit and can
//! fail nothing.

use std::sync::Arc;

use async_trait::async_trait;
use time::OffsetDateTime;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::{
    StoreError,
    client::Client,
    database::{Database, DatabaseName, SystemTx},
    session::{self, DeviceName, EndCause, SessionId},
    user::User,
};

/// An extension. Every method has a default that does nothing.
#[async_trait]
pub trait Module: Send + Sync + 'static {
    /// One word, for logs.
    fn name(&self) -> &'static str;

    /// Whether this session may be opened, and at what price.
    async fn before_session_open(
        &self,
        opening: &mut SessionOpening<'_>,
    ) -> Result<Decision, StoreError> {
        let _ = opening;
        Ok(Decision::Allow)
    }

    /// Something has happened. It is committed: nothing here can undo it.
    async fn on_event(&self, event: &Event) {
        let _ = event;
    }
}

/// A session about to be opened, for deciders.
pub struct SessionOpening<'a> {
    pub(crate) database: &'a Database,
    pub(crate) user: &'a User,
    pub(crate) client: &'a Client,
    pub(crate) now: OffsetDateTime,
    pub(crate) tx: &'a mut SystemTx,
}

impl SessionOpening<'_> {
    /// Where.
    pub fn database(&self) -> &DatabaseName {
        self.database.name()
    }

    /// Who.
    pub fn user(&self) -> &User {
        self.user
    }

    /// From where.
    pub fn client(&self) -> &Client {
        self.client
    }

    /// When.
    pub fn now(&self) -> OffsetDateTime {
        self.now
    }

    /// The user's live sessions, the longest unused first. Nobody else can open or end one until
    /// this log-in is through.
    pub async fn live_sessions(&mut self) -> Result<Vec<SessionId>, StoreError> {
        session::store::lock_live(self.tx, self.user.id, self.now).await
    }
}

/// What a decider says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing against it.
    Allow,
    /// The session may be opened; the user's so many longest unused ones end for it.
    EndOldest(usize),
    /// The session may not be opened.
    Deny(Denial),
}

/// A module's refusal of a log-in, the same from the module to the person's screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The name of the module.
    pub module: &'static str,
    /// The module's code for the refusal, one word for programs.
    pub code: &'static str,
    /// A sentence for the person.
    pub message: String,
}

/// Something that has happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Somebody logged in.
    LogInSucceeded {
        /// Where.
        database: DatabaseName,
        /// Who.
        user: User,
        /// The new session.
        session: SessionId,
        /// From where.
        client: Client,
    },
    /// Somebody did not. A throttled attempt is told of once a minute for its login and network.
    LogInFailed {
        /// Where.
        database: DatabaseName,
        /// What was typed as login, cut to 254 characters.
        login: String,
        /// Why. Never tell it to the person.
        failure: LogInFailure,
        /// From where.
        client: Client,
    },
    /// A session ended. One that expired is told of when it is swept; where all of a database end,
    /// they are told of in batches, as they end.
    SessionEnded {
        /// Where.
        database: DatabaseName,
        /// Whose.
        user: User,
        /// Which.
        session: SessionId,
        /// Why.
        cause: EndCause,
    },
    /// Somebody named one of their devices, or took its name away.
    DeviceNamed {
        /// Where.
        database: DatabaseName,
        /// Whose.
        user: User,
        /// The session whose device it is.
        session: SessionId,
        /// The session in which it was done.
        by: SessionId,
        /// What it is called now.
        name: Option<DeviceName>,
    },
    /// A log-in code was made for a user.
    LogInCodeMade {
        /// Where.
        database: DatabaseName,
        /// For whom.
        user: User,
        /// The session in which it was made; `None` if an administrator made it.
        by: Option<SessionId>,
        /// From where; nothing is known of an administrator.
        client: Client,
    },
    /// Somebody logged in with a log-in code. That they logged in is told as well.
    LogInCodeUsed {
        /// Where.
        database: DatabaseName,
        /// Whose.
        user: User,
        /// The session that it opened.
        session: SessionId,
        /// From where.
        client: Client,
    },
    /// Somebody who was logged in gave a current password that is not right. Guesses that were throttled
    /// are not told of.
    WrongCurrentPassword {
        /// Where.
        database: DatabaseName,
        /// Whose.
        user: User,
        /// The session in which it was given.
        session: SessionId,
        /// From where.
        client: Client,
    },
    /// A user has another password.
    PasswordChanged {
        /// Where.
        database: DatabaseName,
        /// Whose.
        user: User,
    },
}

/// Why a log-in failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogInFailure {
    /// Nobody has this login.
    UnknownLogin,
    /// The password is another.
    WrongPassword,
    /// The user is disabled.
    Disabled,
    /// Too many had failed before: login and password were not looked at.
    Throttled,
    /// A module refused.
    Denied(Denial),
}

impl Event {
    pub(crate) fn log_in_failed(
        database: &Database,
        login: &str,
        client: Client,
        failure: LogInFailure,
    ) -> Self {
        let login = login.chars().take(254).collect();
        Self::LogInFailed {
            database: database.name().clone(),
            login,
            failure,
            client,
        }
    }

    pub(crate) fn session_ended(
        database: &Database,
        user: &User,
        session: SessionId,
        cause: EndCause,
    ) -> Self {
        Self::SessionEnded {
            database: database.name().clone(),
            user: user.clone(),
            session,
            cause,
        }
    }

    pub(crate) fn password_changed(database: &Database, user: &User) -> Self {
        Self::PasswordChanged {
            database: database.name().clone(),
            user: user.clone(),
        }
    }
}

/// The registered modules, in order.
#[derive(Clone, Default)]
pub struct Modules {
    modules: Arc<[Arc<dyn Module>]>,
    telling: TaskTracker,
}

impl Modules {
    /// Takes the modules in the order in which they decide.
    pub fn new(modules: Vec<Arc<dyn Module>>) -> Self {
        Self {
            modules: modules.into(),
            telling: TaskTracker::new(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<dyn Module>> {
        self.modules.iter()
    }

    /// Tells every module, in a task of its own: a slow or panicking one holds nobody up.
    pub(crate) fn observe(&self, events: impl IntoIterator<Item = Event>) {
        let events: Arc<[Event]> = events.into_iter().collect();
        if events.is_empty() {
            return;
        }
        for module in self.modules.iter().map(Arc::clone) {
            let events = Arc::clone(&events);
            let telling = async move {
                for event in events.iter() {
                    module.on_event(event).await;
                }
            };
            self.telling.spawn(telling.in_current_span());
        }
    }

    /// Returns when every module has been told everything so far.
    pub(crate) async fn settle(&self) {
        self.telling.close();
        self.telling.wait().await;
        self.telling.reopen();
    }
}
