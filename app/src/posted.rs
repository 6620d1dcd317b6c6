//! The outcome of a form that was posted without script, for the next page.
//!
//! The outcome travels in a cookie that only the server sets. In the address, a link could claim that
//! something has happened, or put any text on the page.

use serde::{Deserialize, Serialize};

use crate::wire::ApiError;

/// The [`Posted::function`] of an outcome that every page tells.
pub const ON_EVERY_PAGE: &str = "";

/// The outcome of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// The path of the server function.
    pub function: String,
    /// The id of the user, group or company that the form was about; only the page about this one tells the outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The answer of the function.
    pub outcome: Outcome,
}

/// The answer of a server function to a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The function succeeded.
    Done {
        /// The number of sessions that ended.
        ended_sessions: u32,
    },
    /// The function created a log-in code, or a one-time password.
    MadeCode {
        /// The code as people read it.
        code: String,
        /// The login of the new user who has the password.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        login: Option<String>,
    },
    /// The function created a log-in code for another user.
    MadeCodeForUser {
        /// The code as people read it.
        code: String,
    },
    /// Another form of the page took the browser away before this form was sent.
    Typed {
        /// The names and values of the fields to fill in again.
        fields: Vec<(String, String)>,
    },
    /// The function refused.
    Refused {
        /// The reason.
        error: ApiError,
        /// The names and values of the fields to fill in again.
        fields: Vec<(String, String)>,
    },
}
