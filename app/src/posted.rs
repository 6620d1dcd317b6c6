//! Forms that are posted without script: which there are, and what became of one, for the page that
//! comes next.
//!
//! The outcome travels in a cookie that only the server sets, and not in the address: a link could
//! say that something has happened, or have the page say anything.

use serde::{Deserialize, Serialize};

use crate::{api::ApiError, routes};

/// A form that works without script.
#[derive(Debug)]
pub struct Form {
    /// The path of the server function that the form is posted to.
    pub function: &'static str,
    /// The page that the form is on.
    pub page: &'static str,
    /// The fields that are filled in again after a refusal. Never a password.
    pub kept: &'static [&'static str],
}

/// All forms. A test holds the server functions to this list.
pub const FORMS: &[Form] = &[
    Form {
        function: "/api/log_in",
        page: routes::LOG_IN,
        kept: &["database", "login", "shared_computer"],
    },
    Form {
        function: "/api/log_out",
        page: routes::HOME,
        kept: &[],
    },
    Form {
        function: "/api/select_database",
        page: routes::DATABASES,
        kept: &["database"],
    },
    Form {
        function: "/api/set_new_password",
        page: routes::NEW_PASSWORD,
        kept: &[],
    },
    Form {
        function: "/api/change_password",
        page: routes::SECURITY,
        kept: &["end_other_sessions"],
    },
    Form {
        function: "/api/make_log_in_code",
        page: routes::SECURITY,
        kept: &[],
    },
    Form {
        function: "/api/revoke_device",
        page: routes::DEVICES,
        kept: &["id"],
    },
    Form {
        function: "/api/revoke_other_devices",
        page: routes::DEVICES,
        kept: &[],
    },
    Form {
        function: "/api/name_device",
        page: routes::DEVICES,
        kept: &["id", "device_name"],
    },
];

impl Form {
    /// The form that is posted to a server function.
    pub fn of(function: &str) -> Option<&'static Self> {
        FORMS.iter().find(|form| form.function == function)
    }
}

/// What became of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// The path of the server function.
    pub function: String,
    /// What it said.
    pub outcome: Outcome,
}

/// What a server function said to a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The function did what the form is for.
    Done {
        /// How many sessions that ended.
        ended_sessions: u32,
    },
    /// The function made a log-in code.
    MadeCode {
        /// The code as people read it.
        code: String,
    },
    /// The function refused.
    Refused {
        /// Why.
        error: ApiError,
        /// The names and values of the fields to fill in again.
        fields: Vec<(String, String)>,
    },
}
