//! The errors of a log-in that still has a step.

use latchkey_core::session::Step;

use crate::wire::ApiError;

/// The error of a function that stays closed until the step is taken.
pub fn required(step: Step) -> ApiError {
    match step {
        Step::NewPassword => ApiError::NewPasswordRequired,
    }
}
