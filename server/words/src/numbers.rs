//! Numbers of what there is in a database.

use serde::{Deserialize, Serialize};

/// The largest number that is counted exactly. A larger one is given as `MOST_COUNTED` + 1, so that no page waits for the count
/// of a million rows.
pub const MOST_COUNTED: u32 = 1_000;

/// The numbers on Home for people with rights; `None` where the person may not read all rows. Groups and policies are exact, the
/// others are at most `MOST_COUNTED` + 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseNumbers {
    /// Users, disabled ones too.
    pub users: Option<u32>,
    /// Live sessions of all users.
    pub sessions: Option<u32>,
    /// Companies in use.
    pub companies: Option<u32>,
    /// Groups.
    pub groups: Option<u32>,
    /// Policies.
    pub policies: Option<u32>,
    /// Entries of the audit log since a moment.
    pub audit_entries: Option<u32>,
}
