//! The audit log, for pages.

use std::collections::BTreeSet;

use latchkey_core::{
    access::{Resource, Verb},
    audit::{self, AuditSubject},
};
use serde_json::{Map, Value};

use super::Visitor;
use crate::wire::{
    ApiError,
    audit::{AuditActor, AuditChange, AuditEntry, AuditList},
};

impl Visitor {
    /// The entries about a kind of subject, or about all, that are older than the entry `before`.
    pub(crate) async fn audit(
        &self,
        subject: Option<AuditSubject>,
        before: Option<&str>,
    ) -> Result<AuditList, ApiError> {
        let caller = self.caller_with(Verb::Read, Resource::AUDIT)?;
        let before = before.map(str::parse).transpose();
        let before = before.map_err(|_no_number| ApiError::NotFound)?;
        let page = self.core.audit.page(caller, subject, before).await?;
        let entries = page.entries.into_iter();
        Ok(AuditList {
            entries: entries.map(|entry| self.audit_entry(entry)).collect(),
            older: page.older.map(|id| id.to_string()),
        })
    }

    fn audit_entry(&self, entry: audit::AuditEntry) -> AuditEntry {
        let actor = entry.actor.map(|actor| AuditActor {
            device: self.device_title(&actor.agent, None),
            address: actor.address.map(|address| self.address(address)),
            login: actor.login,
        });
        AuditEntry {
            at: self.moment(entry.at),
            changes: changes(&entry.before, &entry.after),
            subject: entry.subject,
            subject_name: entry.subject_name,
            action: entry.action,
            actor,
        }
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
