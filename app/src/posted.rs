//! Forms that are posted without script: their list, and the outcome of a form for the next page.
//!
//! The outcome travels in a cookie that only the server sets. In the address, a link could claim that
//! something has happened, or put any text on the page.

use serde::{Deserialize, Serialize};

use crate::{api::ApiError, routes};

/// A form that works without script.
#[derive(Debug)]
pub struct Form {
    /// The path of the server function that the form is posted to.
    pub function: &'static str,
    /// The page that the form is on.
    pub page: &'static str,
    /// The fields that are filled in again after a refusal. A password is never among them.
    pub kept: &'static [&'static str],
}

/// All forms. A test compares this list with the server functions.
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

/// The outcome of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// The path of the server function.
    pub function: String,
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
    /// The function created a log-in code.
    MadeCode {
        /// The code as people read it.
        code: String,
    },
    /// The function refused.
    Refused {
        /// The reason.
        error: ApiError,
        /// The names and values of the fields to fill in again.
        fields: Vec<(String, String)>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_found_by_its_function() {
        for form in FORMS {
            let found = Form::of(form.function).unwrap();
            assert_eq!(found.page, form.page, "two forms post to {}", form.function);
        }
        assert!(Form::of("/api/list_devices").is_none());
    }

    #[test]
    fn no_password_and_no_code_is_filled_in_again() {
        for field in FORMS.iter().flat_map(|form| form.kept) {
            assert!(
                !field.contains("password") && !field.contains("code"),
                "{field}"
            );
        }
    }

    #[test]
    fn a_form_leads_back_to_a_page_and_not_to_a_function() {
        for form in FORMS {
            assert!(form.function.starts_with("/api/"), "{form:?}");
            assert!(
                form.page.starts_with('/') && !form.page.starts_with("/api/"),
                "{form:?}"
            );
        }
    }

    #[test]
    fn a_form_of_strangers_is_on_a_page_of_strangers() {
        // Logging out leads home, and the guard leads on from there.
        let forms = FORMS.iter().filter(|form| form.function != "/api/log_out");
        for form in forms.filter(|form| routes::PUBLIC.contains(&form.function)) {
            assert!(routes::PUBLIC.contains(&form.page), "{form:?}");
        }
    }
}
