//! Activity: what has happened to the person's account.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

use super::{
    ApiError, Moment,
    device::{Address, AuthenticatedBy, DeviceName},
    session::EndCause,
};

/// One page of what has happened, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityList {
    /// What has happened.
    pub entries: Vec<ActivityEntry>,
    /// Where it goes on with what is older, if it does: for `from`.
    pub older: Option<String>,
}

/// One thing that has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityEntry {
    /// When.
    pub at: Moment,
    /// What.
    pub kind: ActivityKind,
    /// With what; none where an administrator did it on the server.
    pub device: Option<DeviceName>,
    /// From where.
    pub address: Option<Address>,
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActivityKind {
    /// Somebody logged in.
    LoggedIn {
        /// How they proved who they are.
        by: AuthenticatedBy,
    },
    /// Somebody brought a wrong password.
    WrongPassword,
    /// Somebody wanted to log in while the account was disabled.
    Disabled,
    /// A module refused a log-in.
    Denied,
    /// A log-in was refused because too many had failed before it.
    Throttled,
    /// A session ended.
    SessionEnded(EndCause),
    /// The person set another password.
    PasswordChanged,
    /// An administrator did.
    PasswordSet,
    /// The person made a log-in code.
    LogInCodeMade,
    /// An administrator did.
    LogInCodeMadeByAdministrator,
    /// A log-in code was used to log in.
    LogInCodeUsed,
    /// A wrong current password was given in a live session.
    WrongCurrentPassword,
}

/// What has happened to the person's account, from an entry on.
#[server(endpoint = "list_activity", input = GetUrl)]
pub async fn list_activity(from: Option<String>) -> Result<ActivityList, ApiError> {
    crate::request::Visitor::current()?
        .activity(from.as_deref())
        .await
}
