//! The changes that a request makes to the browser's cookies. The server writes them when the answer is ready.

use std::sync::{Mutex, MutexGuard, PoisonError};

use latchkey_core::{database::DatabaseName, session::SessionToken, user::Theme};

use super::RememberedLanguage;
use crate::posted::{ON_EVERY_PAGE, Posted};

/// The changes of a request, collected while it is answered.
#[derive(Default)]
pub struct CookieChanges(Mutex<Changes>);

/// The changes of a request to cookies. A cookie without a change stays as it is.
#[derive(Default)]
pub struct Changes {
    /// The session cookie.
    pub session: Option<SessionChange>,
    /// Other databases whose session cookies the browser deletes.
    pub left: Vec<DatabaseName>,
    /// The database that the log-in page offers from now on.
    pub chosen: Option<DatabaseName>,
    /// A database, and the new value of its device cookie.
    pub device: Option<(DatabaseName, String)>,
    /// The cookie with the outcome of a form.
    pub posted: Option<PostedChange>,
    /// The language that the browser remembers from now on.
    pub language: Option<RememberedLanguage>,
    /// The theme that the browser remembers from now on.
    pub theme: Option<Theme>,
}

/// The change of a session cookie.
pub enum SessionChange {
    /// The cookie of `database` gets a new token.
    Issue {
        /// The session's database.
        database: DatabaseName,
        /// The session's new token.
        token: SessionToken,
        /// The time for which the browser keeps the cookie; `None`: until the browser is closed.
        max_age: Option<time::Duration>,
    },
    /// The browser deletes the cookie of the request's database.
    Remove,
}

/// The change of the cookie with the outcome of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostedChange {
    /// The next page shows this outcome.
    Tell(Posted),
    /// The page of this answer shows the outcome.
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

    /// Makes the browser delete the session cookie of another database.
    pub fn leave(&self, database: DatabaseName) {
        self.lock().left.push(database);
    }

    /// Makes the log-in page offer `database` from now on.
    pub fn choose(&self, database: DatabaseName) {
        self.lock().chosen = Some(database);
    }

    /// Gives the device cookie of `database` this value, and prolongs the cookie.
    pub fn remember_device_token(&self, database: DatabaseName, value: String) {
        self.lock().device = Some((database, value));
    }

    /// Makes the browser remember a language, or none.
    pub fn remember_language(&self, language: RememberedLanguage) {
        self.lock().language = Some(language);
    }

    /// Makes the browser remember a theme. The theme of the system need not be remembered.
    pub fn remember_theme(&self, theme: Theme) {
        self.lock().theme = Some(theme);
    }

    /// Makes the next page show the outcome of a form.
    pub fn tell_posted(&self, posted: Posted) {
        self.lock().posted = Some(PostedChange::Tell(posted));
    }

    /// Says whom or what the outcome of this request's form is about, if the request tells one.
    pub fn tell_about(&self, id: &str) {
        if let Some(PostedChange::Tell(posted)) = &mut self.lock().posted
            && posted.function != ON_EVERY_PAGE
        {
            posted.about = Some(id.to_owned());
        }
    }

    /// Deletes the outcome of a form, because the page of this answer shows it.
    pub fn forget_posted(&self) {
        self.lock().posted = Some(PostedChange::Forget);
    }

    /// Removes and returns all changes, to write them.
    pub fn take(&self) -> Changes {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Changes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
