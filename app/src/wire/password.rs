//! The person's own password.

use serde::{Deserialize, Serialize};

/// The result of a change of the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChange {
    /// The number of other sessions that ended with the change.
    pub ended_sessions: u32,
}
