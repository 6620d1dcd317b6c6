//! The interface for modules, which decide about log-ins and observe events.
//!
//! Deciders run inside the log-in's transaction, in order of registration. The user's row is locked, so that their
//! decisions still hold at the commit. Observers run after the commit, and cannot make anything fail.

use std::sync::Arc;

use async_trait::async_trait;
use latchkey_words::{CompanyId, EndCause, SessionId};
use time::OffsetDateTime;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::{
    StoreError,
    client::Client,
    database::{Database, DatabaseName},
    device::DeviceName,
    user::User,
};

/// An extension of Latchkey. `before_session_open` and `on_event` do nothing by default.
#[async_trait]
pub trait Module: Send + Sync + 'static {
    /// The module's name, one word for logs.
    fn name(&self) -> &'static str;

    /// Decides whether a session may be opened, and whether other sessions end for it.
    async fn before_session_open(
        &self,
        opening: &SessionOpening<'_>,
    ) -> Result<Decision, StoreError> {
        let _ = opening;
        Ok(Decision::Allow)
    }

    /// Observes an event after its commit. The module cannot undo the event.
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
    pub(crate) live: &'a [SessionId],
}

impl SessionOpening<'_> {
    /// The name of the database.
    pub fn database(&self) -> &DatabaseName {
        self.database.name()
    }

    /// The user who logs in.
    pub fn user(&self) -> &User {
        self.user
    }

    /// The client that logs in.
    pub fn client(&self) -> &Client {
        self.client
    }

    /// The moment of the log-in.
    pub fn now(&self) -> OffsetDateTime {
        self.now
    }

    /// The user's live sessions, the session that was unused for longest first. Sessions that an earlier module ends are
    /// left out. No other transaction can open or end a session of the user until this log-in is over.
    pub fn live_sessions(&self) -> &[SessionId] {
        self.live
    }
}

/// A decider's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The session may be opened.
    Allow,
    /// The session may be opened. This number of the user's live sessions end, beginning with the session that was
    /// unused for longest.
    EndOldest(usize),
    /// The session may not be opened.
    Deny(Denial),
}

/// A module's refusal of a log-in. The same type goes from the module to the person's screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The name of the module.
    pub module: &'static str,
    /// The module's code for the refusal, one word for programs.
    pub code: &'static str,
    /// A sentence for the person.
    pub message: String,
}

/// An event that observers are told of.
#[derive(Clone, Debug)]
pub enum Event {
    /// A user logged in.
    LogInSucceeded {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
        /// The new session.
        session: SessionId,
        /// The client.
        client: Client,
    },
    /// A log-in failed. Of throttled attempts on a login or from a network, modules are told of one each minute.
    LogInFailed {
        /// The database.
        database: DatabaseName,
        /// The login as typed, cut to 254 characters.
        login: String,
        /// The reason. Never show it to the person.
        failure: LogInFailure,
        /// The client.
        client: Client,
    },
    /// A session ended. Modules are told of an expired session when it is swept. If all sessions of a database end,
    /// modules are told batch by batch.
    SessionEnded {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
        /// The session.
        session: SessionId,
        /// The cause.
        cause: EndCause,
    },
    /// A user named one of their devices, or removed its name.
    DeviceNamed {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
        /// The session on the device.
        session: SessionId,
        /// The session in which the user named the device.
        by: SessionId,
        /// The new name; `None` if the name was removed.
        name: Option<DeviceName>,
    },
    /// A user said of a new device that the user logged in there.
    DeviceAcknowledged {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
        /// The session on the device.
        session: SessionId,
        /// The session in which the user acknowledged the device.
        by: SessionId,
    },
    /// A log-in code was made for a user.
    LogInCodeMade {
        /// The database.
        database: DatabaseName,
        /// The user that the code is for.
        user: User,
        /// The session in which the user, or an administrator, made the code; `None` if a command made it.
        by: Option<SessionId>,
        /// The client of this session; empty if a command made the code.
        client: Client,
    },
    /// A user logged in with a log-in code. Modules also get a `LogInSucceeded`.
    LogInCodeUsed {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
        /// The new session.
        session: SessionId,
        /// The client.
        client: Client,
    },
    /// A logged-in person gave a wrong current password. Modules are not told of throttled guesses.
    WrongCurrentPassword {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
        /// The session of the guess.
        session: SessionId,
        /// The client.
        client: Client,
    },
    /// A request named a company that its user may not work for. Modules are told of one in a minute.
    CompanyRefused {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
        /// The session of the request.
        session: SessionId,
        /// The client.
        client: Client,
    },
    /// An administrator changed the companies that a user may work for.
    CompaniesChanged {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
        /// The companies, the default one first.
        companies: Vec<CompanyId>,
    },
    /// A user's password was changed.
    PasswordChanged {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
    },
}

/// The reason why a log-in failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogInFailure {
    /// No user has this login.
    UnknownLogin,
    /// The password is wrong.
    WrongPassword,
    /// The user is disabled.
    Disabled,
    /// Too many attempts had failed before. The password was not checked, or the result of the check was discarded.
    Throttled,
    /// A module refused.
    Denied(Denial),
    /// The user has the largest number of live sessions, and the settings refuse more.
    TooManySessions,
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
    /// Registers the modules in the order in which they decide.
    pub fn new(modules: Vec<Arc<dyn Module>>) -> Self {
        Self {
            modules: modules.into(),
            telling: TaskTracker::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.modules.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<dyn Module>> {
        self.modules.iter()
    }

    /// Tells every module, in a separate task for each, so that a slow or panicking module delays nothing else.
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

    /// Waits until every module has been told of all events so far.
    pub(crate) async fn settle(&self) {
        self.telling.close();
        self.telling.wait().await;
        self.telling.reopen();
    }
}
