//! The routes on which a person takes the steps of a log-in.

use latchkey_core::session::Step;

use crate::{api::ApiError, routes};

/// The routes, besides the public ones, that are open to a visitor whose log-in waits for a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepRoutes {
    /// The page on which the person takes the step.
    pub page: &'static str,
    /// The paths of the server functions that the page calls.
    pub functions: &'static [&'static str],
}

impl StepRoutes {
    /// The routes of a step.
    pub fn of(step: Step) -> Self {
        match step {
            Step::NewPassword => Self {
                page: routes::NEW_PASSWORD,
                functions: routes::NEW_PASSWORD_FUNCTIONS,
            },
        }
    }

    /// Whether `path` is open to the visitor.
    pub fn reach(self, path: &str) -> bool {
        path == self.page || path == routes::SESSION_EVENTS || self.functions.contains(&path)
    }
}

/// The error of a function that stays closed until the step is taken.
pub fn required(step: Step) -> ApiError {
    match step {
        Step::NewPassword => ApiError::NewPasswordRequired,
    }
}
