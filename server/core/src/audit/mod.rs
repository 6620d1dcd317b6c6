//! The audit log: who has changed users, companies, groups and record rules, from where, and what was before and after.
//!
//! PostgreSQL writes most entries by triggers (`migrations/0026_audit.sql`), so that changes by commands and by other programs have
//! entries, too. Rust only tells a transaction who acts, and writes what leaves no trace in the tables of users.

pub(crate) mod store;

use std::net::IpAddr;

pub use latchkey_words::{AuditAction, AuditSubject};
use latchkey_words::{SessionId, UserId};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::client::Agent;

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// The number of the entry. A newer entry has a larger number.
    pub id: i64,
    /// The time, by the clock of PostgreSQL.
    pub at: OffsetDateTime,
    /// The person who acted; `None` for a command on the server, or another program.
    pub actor: Option<AuditActor>,
    /// The kind of the subject.
    pub subject: AuditSubject,
    /// The id of the user, the company, the group or the rule, which may be deleted.
    pub subject_id: Uuid,
    /// The login, the technical name or the name that the subject had.
    pub subject_name: String,
    /// What was done.
    pub action: AuditAction,
    /// The fields that differ, as they were before.
    pub before: Map<String, Value>,
    /// The fields that differ, as they were afterwards.
    pub after: Map<String, Value>,
}

/// A person who acted, as of the act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditActor {
    /// The user.
    pub user: UserId,
    /// The login.
    pub login: String,
    /// The session in which the person acted.
    pub session: SessionId,
    /// The address of the request.
    pub address: Option<IpAddr>,
    /// The browser or program that sent the request.
    pub agent: Agent,
}
