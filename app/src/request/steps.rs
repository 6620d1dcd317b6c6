//! Where the steps of a log-in are taken.

use latchkey_core::session::Step;

use crate::{api::ApiError, routes};

/// What a visitor reaches whose log-in waits for a step, besides what is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepRoutes {
    /// The page on which the person takes the step.
    pub page: &'static str,
    /// What the page asks the server.
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

    /// Whether the visitor reaches `path`.
    pub fn reach(self, path: &str) -> bool {
        path == self.page || path == routes::SESSION_EVENTS || self.functions.contains(&path)
    }
}

/// The error of a function that is out of reach until the step is taken.
pub fn required(step: Step) -> ApiError {
    match step {
        Step::NewPassword => ApiError::NewPasswordRequired,
    }
}
