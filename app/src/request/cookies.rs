//! What a request does to the browser's cookies. The server writes them when the answer is ready.

use std::sync::{Mutex, MutexGuard, PoisonError};

use latchkey_core::{database::DatabaseName, session::SessionToken};

use crate::posted::Posted;

/// The changes that a request makes, collected while it is answered.
#[derive(Default)]
pub struct CookieChanges(Mutex<Changes>);

/// The changes that a request has made to cookies. A cookie that is not named stays as it is.
#[derive(Default)]
pub struct Changes {
    /// The session cookie.
    pub session: Option<SessionChange>,
    /// The database that the log-in page offers from now on.
    pub chosen: Option<DatabaseName>,
    /// The value that the device cookie of a database gets.
    pub device: Option<(DatabaseName, String)>,
    /// The cookie that says what became of a form.
    pub posted: Option<PostedChange>,
}

/// What a request does to a session cookie.
pub enum SessionChange {
    /// The cookie of `database` gets a new token.
    Issue {
        /// The database that the session is in.
        database: DatabaseName,
        /// The session's token from now on.
        token: SessionToken,
        /// How long the browser keeps the cookie; `None` is until the browser is closed.
        max_age: Option<time::Duration>,
    },
    /// The browser forgets the cookie of the request's database.
    Remove,
}

/// What a request does to the cookie that says what became of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostedChange {
    /// The next page is to say this.
    Tell(Posted),
    /// The page of this answer says it.
    Forget,
}

impl CookieChanges {
    /// Changes the session cookie. The last change counts.
    pub fn change_session(&self, change: SessionChange) {
        self.lock().session = Some(change);
    }

    /// Whether the request has changed the session cookie.
    pub fn is_session_changed(&self) -> bool {
        self.lock().session.is_some()
    }

    /// Has the log-in page offer `database` from now on.
    pub fn choose(&self, database: DatabaseName) {
        self.lock().chosen = Some(database);
    }

    /// Gives the device cookie of `database` this value, and keeps the cookie anew.
    pub fn know_device(&self, database: DatabaseName, value: String) {
        self.lock().device = Some((database, value));
    }

    /// Has the next page say what became of a form.
    pub fn tell_posted(&self, posted: Posted) {
        self.lock().posted = Some(PostedChange::Tell(posted));
    }

    /// Forgets what became of a form: the page of this answer says it.
    pub fn forget_posted(&self) {
        self.lock().posted = Some(PostedChange::Forget);
    }

    /// Takes all changes out, to write them.
    pub fn take(&self) -> Changes {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Changes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
