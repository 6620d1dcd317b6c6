//! What a request does to the visitor's cookies. The server writes them when the answer is ready.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use latchkey_core::database::DatabaseName;

use crate::posted::Posted;

/// Where tower-sessions' record carries the token that a log-in has issued, from the log-in to the
/// store that makes it the cookie's value.
pub const ISSUED_TOKEN: &str = "issued_token";

/// What a request decides about cookies. Shared with the layer that writes them.
#[derive(Clone, Default)]
pub struct CookieChanges(Arc<Mutex<Changes>>);

#[derive(Default)]
struct Changes {
    logged_in_to: Option<DatabaseName>,
    chosen: Option<DatabaseName>,
    known_device: Option<(DatabaseName, String)>,
    posted: Option<PostedChange>,
    is_session_settled: bool,
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
    /// The session cookie of this answer belongs to `database`, which is the choice from now on.
    pub fn log_in_to(&self, database: DatabaseName) {
        let mut changes = self.lock();
        changes.chosen = Some(database.clone());
        changes.logged_in_to = Some(database);
    }

    /// The request has given the session cookie a value, or taken it back.
    pub fn settle_session(&self) {
        self.lock().is_session_settled = true;
    }

    /// Whether it has.
    pub fn is_session_settled(&self) -> bool {
        self.lock().is_session_settled
    }

    /// The log-in page is to offer `database` from now on.
    pub fn choose(&self, database: DatabaseName) {
        self.lock().chosen = Some(database);
    }

    /// The device cookie of `database` holds this from now on, and is kept anew.
    pub fn know_device(&self, database: DatabaseName, cookie: String) {
        self.lock().known_device = Some((database, cookie));
    }

    /// The database whose device cookie is set, and its value.
    pub fn known_device(&self) -> Option<(DatabaseName, String)> {
        self.lock().known_device.clone()
    }

    /// The next page is to say what became of a form.
    pub fn tell_posted(&self, posted: Posted) {
        self.lock().posted = Some(PostedChange::Tell(posted));
    }

    /// The page of this answer says what became of a form.
    pub fn forget_posted(&self) {
        self.lock().posted = Some(PostedChange::Forget);
    }

    /// What becomes of the cookie that says so.
    pub fn posted(&self) -> Option<PostedChange> {
        self.lock().posted.clone()
    }

    /// Whose session cookie the answer sets, if not the request's database's.
    pub fn logged_in_to(&self) -> Option<DatabaseName> {
        self.lock().logged_in_to.clone()
    }

    /// The choice to remember, if it was made.
    pub fn chosen(&self) -> Option<DatabaseName> {
        self.lock().chosen.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Changes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
