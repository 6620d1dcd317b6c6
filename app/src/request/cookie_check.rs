//! Checks whether the browser keeps cookies, at the first log-in, by an address that looks for one.

use latchkey_core::{database::DatabaseName, session::TokenHash};

use super::{Visitor, log_in::LoggedIn};
use crate::routes;

/// The marker in the address if there is no session to end.
pub const NO_SESSION: &str = "none";

impl Visitor {
    /// The path after a log-in. A browser that sent no cookie of Latchkey may also not keep the cookies of
    /// this answer. Its next request then names the session to end.
    pub(crate) fn landing(&self, logged_in: &LoggedIn, path: &str) -> String {
        if self.sent_cookie {
            return path.to_owned();
        }
        let marker = format!("{}.{}", logged_in.token.to_hex(), logged_in.database);
        routes::check_cookie(&marker, path)
    }

    /// Ends the session that a marker in the address names, because the browser has not kept it. A marker
    /// without a session ends nothing. Where names of databases are hidden, this costs a statement whether or
    /// not the database exists.
    pub async fn end_unkept_session(&self, marker: &str) {
        let Some((token, database)) = marker.split_once('.') else {
            return;
        };
        let name = database.parse::<DatabaseName>();
        let (Some(token), Ok(name)) = (TokenHash::from_hex(token), name) else {
            return;
        };
        let Ok(visible) = self.visible_databases().await else {
            return;
        };
        let ended = if visible.contains(&name) {
            match self.core.databases.open(&name, &self.host).await {
                Ok(database) => {
                    self.core
                        .sessions
                        .end_unkept(&database, token, &self.client)
                        .await
                }
                Err(_) => return,
            }
        } else {
            self.core.databases.ping().await
        };
        if let Err(error) = ended {
            tracing::warn!(%error, "the session of a browser without cookies goes on");
        }
    }

    /// Whether the log-in page should look for a cookie, and there is none.
    pub(crate) fn lacks_cookie(&self, marker: Option<&str>) -> bool {
        marker.is_some() && !self.sent_cookie
    }
}
