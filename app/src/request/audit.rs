//! The audit log, for pages.

use std::collections::{BTreeSet, HashMap};

use latchkey_core::{
    access::{ADMINISTRATOR, PORTAL, Resource, USER, Verb},
    account::{AuditFilter, MOST_EXPORTED},
    audit::{self, AuditSubject},
};
use serde::Serialize;
use serde_json::{Map, Value};
use time::format_description::well_known::Rfc3339;

use super::Visitor;
use crate::wire::{
    ApiError,
    audit::{AuditActor, AuditChange, AuditEntry, AuditList},
};

/// An entry, for a file. Programs rely on these keys: add to them, never rename.
#[derive(Debug, Serialize)]
pub struct AuditRow {
    /// The number of the entry; a later entry has a larger one.
    pub id: i64,
    /// RFC 3339, in UTC.
    pub time: String,
    /// The login of the person who acted; `None` for a command on the server, or another program.
    pub actor_login: Option<String>,
    /// The id of that user.
    pub actor_id: Option<String>,
    /// The id of that person's session.
    pub session_id: Option<String>,
    /// The IP address, if it is known.
    pub address: Option<String>,
    /// The user agent, as the browser sent it.
    pub user_agent: Option<String>,
    /// `user`, `company`, `group`, `rule` or `policy`.
    pub subject: &'static str,
    /// The id of the subject.
    pub subject_id: String,
    /// The login, the technical name or the name that the subject had.
    pub subject_name: String,
    /// What was done: `created`, `changed`, `deleted`, `password_set`, `log_in_code_made` or `logged_out`.
    pub action: &'static str,
    /// The fields that differ, as they were.
    pub before: Map<String, Value>,
    /// The fields that differ, as they are afterwards.
    pub after: Map<String, Value>,
}

impl From<audit::AuditEntry> for AuditRow {
    fn from(entry: audit::AuditEntry) -> Self {
        let actor = entry.actor.as_ref();
        Self {
            id: entry.id,
            time: entry.at.format(&Rfc3339).unwrap_or_default(),
            actor_login: actor.map(|actor| actor.login.clone()),
            actor_id: actor.map(|actor| actor.user.to_string()),
            session_id: actor.map(|actor| actor.session.to_string()),
            address: actor.and_then(|actor| actor.address.map(|address| address.to_string())),
            user_agent: actor.map(|actor| actor.agent.as_str().to_owned()),
            subject: entry.subject.as_str(),
            subject_id: entry.subject_id.to_string(),
            subject_name: entry.subject_name,
            action: entry.action.as_str(),
            before: entry.before,
            after: entry.after,
        }
    }
}

impl Visitor {
    /// The name of a file with the audit log, without its ending: "latchkey-acme-audit-2026-11-27".
    pub fn audit_file(&self) -> Result<String, ApiError> {
        let database = self.caller()?.database.name();
        Ok(format!("latchkey-{database}-audit-{}", self.today()))
    }

    /// The newest entries about a kind of subject, or about all, with a text, as many as a file holds.
    pub async fn audit_rows(
        &self,
        subject: Option<AuditSubject>,
        search: String,
    ) -> Result<Vec<AuditRow>, ApiError> {
        let caller = self.caller_with(Verb::Read, Resource::AUDIT)?;
        let filter = filter(subject, &search);
        let audit = &self.core.audit;
        let entries = audit.newest(caller, &filter, None, MOST_EXPORTED).await?;
        Ok(entries.into_iter().map(AuditRow::from).collect())
    }

    /// The entries about a kind of subject, or about all, with a text, that are older than the entry `before`.
    pub(crate) async fn audit(
        &self,
        subject: Option<AuditSubject>,
        search: String,
        before: Option<&str>,
    ) -> Result<AuditList, ApiError> {
        let caller = self.caller_with(Verb::Read, Resource::AUDIT)?;
        let before = before.map(str::parse).transpose();
        let before = before.map_err(|_no_number| ApiError::NotFound)?;
        let filter = filter(subject, &search);
        let page = self.core.audit.page(caller, &filter, before).await?;
        let groups = self.core.groups.all_titles(caller).await;
        let groups = groups.into_iter().map(|group| (group.name, group.title));
        let groups: HashMap<_, _> = groups.collect();
        let entries = page.entries.into_iter();
        let entries = entries.map(|entry| self.audit_entry(entry, &groups));
        Ok(AuditList {
            entries: entries.collect(),
            older: page.older.map(|id| id.to_string()),
        })
    }

    fn audit_entry(
        &self,
        entry: audit::AuditEntry,
        groups: &HashMap<String, String>,
    ) -> AuditEntry {
        let actor = entry.actor.map(|actor| AuditActor {
            device: self.device_title(&actor.agent, None),
            address: actor.address.map(|address| self.address(address)),
            login: actor.login,
        });
        let mut changes = changes(&entry.before, &entry.after);
        for change in &mut changes {
            if NAME_GROUPS.contains(&&*change.field) {
                for name in change.before.iter_mut().chain(&mut change.after) {
                    *name = in_full(name, groups);
                }
            }
        }
        let subject_name = match entry.subject {
            AuditSubject::Group => in_full(&entry.subject_name, groups),
            _ => entry.subject_name,
        };
        AuditEntry {
            at: self.moment(entry.at),
            changes,
            subject: entry.subject,
            subject_name,
            action: entry.action,
            actor,
        }
    }
}

/// The fields whose words are technical names of groups.
const NAME_GROUPS: [&str; 4] = ["groups", "implies", "implied_by", "group"];

/// "Sales team (sales)": the present name for people of a group, and the technical name, which another group does not have. The page
/// has words for built-in groups, and a group that is gone has its technical name only.
fn in_full(name: &str, groups: &HashMap<String, String>) -> String {
    match groups.get(name) {
        Some(title) if title != name && ![ADMINISTRATOR, USER, PORTAL].contains(&name) => {
            format!("{title} ({name})")
        }
        _ => name.to_owned(),
    }
}

/// Spaces around a text that was pasted are no part of a name.
fn filter(subject: Option<AuditSubject>, search: &str) -> AuditFilter {
    AuditFilter {
        subject,
        search: search.trim().to_owned(),
    }
}

/// The fields that differ. A field that is empty on both sides, as of a new company without a colour, is left out.
fn changes(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<AuditChange> {
    let fields: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let changes = fields.into_iter().map(|field| AuditChange {
        field: field.clone(),
        before: before.get(field).map(words).unwrap_or_default(),
        after: after.get(field).map(words).unwrap_or_default(),
    });
    changes
        .filter(|change| !change.before.is_empty() || !change.after.is_empty())
        .collect()
}

/// The words of a value. An empty text, `false` and `null` have none.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Null | Value::Bool(false) => Vec::new(),
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(words).collect(),
        other => vec![other.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn state(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_change_has_the_words_of_both_sides() {
        let before = state(&json!({ "name": "Bob", "groups": ["user"], "disabled": false }));
        let after =
            state(&json!({ "name": "Robert", "groups": ["desk", "user"], "disabled": true }));
        let change = |field: &str, before: &[&str], after: &[&str]| AuditChange {
            field: field.to_owned(),
            before: before.iter().copied().map(str::to_owned).collect(),
            after: after.iter().copied().map(str::to_owned).collect(),
        };
        assert_eq!(
            changes(&before, &after),
            [
                change("disabled", &[], &["true"]),
                change("groups", &["user"], &["desk", "user"]),
                change("name", &["Bob"], &["Robert"]),
            ]
        );
    }

    #[test]
    fn an_empty_field_of_a_new_subject_is_left_out() {
        let after = state(&json!({ "colour": null, "about": "", "archived": false, "users": 0 }));
        let changes = changes(&Map::new(), &after);
        let fields: Vec<_> = changes.iter().map(|change| &*change.field).collect();
        assert_eq!(fields, ["users"]);
    }
}
