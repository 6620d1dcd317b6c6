//! `latchkey audit`: list the audit log.

use clap::{Args, Subcommand};
use latchkey_core::{
    account::AuditFilter,
    audit::{AuditEntry, AuditSubject},
    database::DatabaseName,
};
use serde::Serialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::{administer, group::choose, node::Node};
use crate::{
    output::{self, Form, Row, moment},
    text::text,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the newest changes of users, companies, groups, rules and policies, and who made them
    List(List),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Database whose audit log is listed
    #[arg(long, value_name = "NAME")]
    database: DatabaseName,
    #[arg(
        long,
        value_name = "SUBJECT",
        value_parser = parse_subject,
        help = "List only changes of this: user, company, group, rule or policy"
    )]
    subject: Option<AuditSubject>,
    /// List only entries with this text in the subject's name or in the login of the person who acted
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    search: String,
    /// Largest number of entries to list
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: u32,
    #[command(flatten)]
    form: Form,
}

/// Scripts rely on these keys: add to them, never rename.
#[derive(Serialize)]
struct EntryRow {
    id: i64,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    actor_id: Option<String>,
    actor_login: Option<String>,
    session_id: Option<String>,
    address: Option<String>,
    user_agent: Option<String>,
    subject: &'static str,
    subject_id: String,
    subject_name: String,
    action: &'static str,
    before: Map<String, Value>,
    after: Map<String, Value>,
}

impl From<AuditEntry> for EntryRow {
    fn from(entry: AuditEntry) -> Self {
        let actor = entry.actor.as_ref();
        Self {
            id: entry.id,
            at: entry.at,
            actor_id: actor.map(|actor| actor.user.to_string()),
            actor_login: actor.map(|actor| actor.login.clone()),
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

impl Row for EntryRow {
    fn heads() -> Vec<&'static str> {
        let text = text();
        vec![
            text.head_at(),
            text.head_by(),
            text.head_address(),
            text.head_subject(),
            text.head_action(),
            text.head_change(),
        ]
    }

    fn none() -> &'static str {
        text().audit_none()
    }

    fn cells(&self) -> Vec<String> {
        let missing = || "-".to_owned();
        vec![
            moment(self.at),
            self.actor_login.clone().unwrap_or_else(missing),
            self.address.clone().unwrap_or_else(missing),
            [self.subject, " ", &self.subject_name].concat(),
            self.action.to_owned(),
            changes(&self.before, &self.after),
        ]
    }
}

/// The fields that differ, as JSON: `name: "Bob" > "Robert"`.
fn changes(before: &Map<String, Value>, after: &Map<String, Value>) -> String {
    let new = after.keys().filter(|field| !before.contains_key(*field));
    let fields = before.keys().chain(new).map(|field| {
        let value = |state: &Map<String, Value>| {
            state.get(field).map_or_else(String::new, Value::to_string)
        };
        format!("{field}: {} > {}", value(before), value(after))
    });
    fields.collect::<Vec<_>>().join(", ")
}

pub(super) fn run(node: &Node, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List(list) => self::list(node, &list),
    }
}

fn parse_subject(word: &str) -> Result<AuditSubject, String> {
    let words = || AuditSubject::ALL.iter().map(|subject| subject.as_str());
    word.parse().map_err(|_unknown| choose(words()))
}

fn list(node: &Node, list: &List) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let database = administer::open(core, &list.database).await?;
        let filter = AuditFilter {
            subject: list.subject,
            search: list.search.clone(),
        };
        let entries = core.audit.list(&database, &filter, list.limit).await?;
        let rows = entries.into_iter().map(EntryRow::from);
        output::list(list.form, &rows.collect::<Vec<_>>())
    })
}
