//! The visitor's own session: logging in, who am I, logging out.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

use super::{ApiError, Moment, device::DeviceName};

/// Who the visitor is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentSession {
    /// What they log in with.
    pub login: String,
    /// What people call them.
    pub name: String,
    /// The database that they are logged in to.
    pub database: String,
    /// When they logged in with this browser.
    pub signed_in_at: Moment,
    /// How long that holds.
    pub left: TimeLeft,
    /// Whether they said so at log-in.
    pub is_on_shared_computer: bool,
    /// Whether a one-time password has to be replaced before anything else.
    pub new_password_required: bool,
    /// Whether there is another database to switch to.
    pub can_switch_database: bool,
}

/// How long a session has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeLeft {
    /// Milliseconds until it ends if nothing more happens; 49 days stand for more.
    pub milliseconds: u32,
    /// With how many milliseconds left a page warns.
    pub warning: u32,
    /// Whether use puts the end off.
    pub can_be_extended: bool,
}

/// Where to go after a log-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Landing {
    /// A path of this origin.
    pub location: String,
}

/// Why the log-in page is shown to somebody who was logged in before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndNotice {
    /// What ended the session.
    pub cause: EndCause,
    /// When it ended.
    pub at: Moment,
}

/// What ends a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndCause {
    /// The person logged out, in another tab of this browser.
    LoggedOut,
    /// The person logged in again with this browser.
    Replaced,
    /// Revoked under Devices.
    Revoked {
        /// The device that did it, if it is known.
        by: Option<DeviceName>,
    },
    /// The password was changed.
    PasswordChanged {
        /// The device that did it, if it is known.
        by: Option<DeviceName>,
    },
    /// No activity for the idle timeout.
    Idle,
    /// As old as a session may get.
    TooOld,
    /// An administrator ended it.
    Administrator,
    /// The account was disabled.
    UserDisabled,
    /// The login was changed.
    LoginChanged,
    /// Somebody has a copy of the session's cookie.
    TokenReused,
    /// The server was restarted.
    Restart,
    /// The database was restored or copied.
    DatabaseCopied,
    /// A module's rule ended it, for example a limit on concurrent sessions.
    Limit,
}

/// Who the visitor is; `None` for a stranger. One SQL query.
#[server(name = ReadCurrentSession, endpoint = "current_session", input = GetUrl)]
pub async fn current_session() -> Result<Option<CurrentSession>, ApiError> {
    crate::request::Visitor::current()?.current_session().await
}

/// How many devices the visitor is logged in on.
#[server(endpoint = "device_count", input = GetUrl)]
pub async fn device_count() -> Result<u32, ApiError> {
    let visitor = crate::request::Visitor::current()?;
    Ok(visitor.core.count_sessions(visitor.caller()?).await?)
}

/// Why the visitor's last session ended, if the browser still has its cookie.
#[server(name = ReadEndNotice, endpoint = "end_notice", input = GetUrl)]
pub async fn end_notice() -> Result<Option<EndNotice>, ApiError> {
    Ok(crate::request::Visitor::current()?.end_notice())
}

/// Verifies login and password and opens a session: always a new one, whatever cookie came along.
///
/// `shared_computer` is the box ("on" when ticked); `next` a path to land on; `code` a log-in code, which
/// passes the throttles.
#[server(endpoint = "log_in")]
pub async fn log_in(
    database: Option<String>,
    login: String,
    password: String,
    shared_computer: Option<String>,
    next: Option<String>,
    code: Option<String>,
) -> Result<Landing, ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let typed = crate::request::Typed {
        database,
        login,
        password,
        is_on_shared_computer: shared_computer.is_some(),
        code,
    };
    let logged_in = visitor.log_in(typed).await?;
    let path = if logged_in.new_password_required {
        crate::routes::NEW_PASSWORD
    } else {
        crate::routes::landing(next.as_deref())
    };
    let location = visitor.landing(&logged_in, path);
    visitor.redirect_form(&location);
    Ok(Landing { location })
}

/// Makes a code by which the person logs in on another device while strangers' guesses hold log-ins up.
/// An empty password will do while the identity is confirmed.
#[server(endpoint = "make_log_in_code")]
pub async fn make_log_in_code(confirming_password: String) -> Result<String, ApiError> {
    let visitor = crate::request::Visitor::current()?;
    visitor
        .make_log_in_code::<MakeLogInCode>(confirming_password)
        .await
}

/// Ends the visitor's session and takes the cookie back.
#[server(endpoint = "log_out")]
pub async fn log_out() -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    visitor.log_out().await?;
    visitor.redirect_form(crate::routes::LOG_IN);
    Ok(())
}
