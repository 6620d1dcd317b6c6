//! Whether the browser keeps cookies: found out at the first log-in, by an address that asks for one.

use latchkey_core::{database::DatabaseName, session::TokenHash};

use super::{Visitor, log_in::LoggedIn};
use crate::routes;

/// What stands in the address where no session is to be ended.
pub const NO_SESSION: &str = "none";

impl Visitor {
    /// Where a log-in leads. A browser that sent no cookie of ours may not have kept those of this
    /// answer either: its next request says which session that would be.
    pub(crate) fn landing(&self, logged_in: &LoggedIn, path: &str) -> String {
        if self.sent_cookie {
            return path.to_owned();
        }
        let marker = format!("{}.{}", logged_in.token.to_hex(), logged_in.database);
        routes::check_cookie(&marker, path)
    }

    /// Ends the session that a marker in the address names, because the browser has not kept it. A
    /// marker that names none ends nothing. It costs a statement whether or not there is such a
    /// database, where its names are hidden.
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
                        .end_unkept_session(&database, token, &self.client)
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

    /// Whether the log-in page was asked to look for a cookie, and there is none.
    pub(crate) fn lacks_cookie(&self, marker: Option<&str>) -> bool {
        marker.is_some() && !self.sent_cookie
    }
}
