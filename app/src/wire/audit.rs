//! The audit log, as people with the right to read it see it.

use latchkey_words::{AuditAction, AuditSubject};
use serde::{Deserialize, Serialize};

use super::{
    Moment,
    device::{Address, DeviceTitle},
};

/// A page of the audit log, the newest entry first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditList {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// The cursor of the next page with older entries, for `before`; `None` on the last page.
    pub older: Option<String>,
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// The time of the change.
    pub at: Moment,
    /// The person who acted; `None` for a command on the server, or another program.
    pub actor: Option<AuditActor>,
    /// The kind of the subject.
    pub subject: AuditSubject,
    /// The login or the name that the subject had; of a group the present name for people, too: "Sales team (sales)".
    pub subject_name: String,
    /// What was done.
    pub action: AuditAction,
    /// The fields that differ.
    pub changes: Vec<AuditChange>,
}

/// A person who acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditActor {
    /// The login that the person had.
    pub login: String,
    /// The device.
    pub device: DeviceTitle,
    /// The address of the device.
    pub address: Option<Address>,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditChange {
    /// The name of the field in the database; `rights.users` for the rights of a group to users.
    pub field: String,
    /// The words of the field before, as the database has them.
    pub before: Vec<String>,
    /// The words of the field afterwards.
    pub after: Vec<String>,
}
