//! `latchkey attempts`: list attempts to log in.

use clap::{Args, Subcommand};
use latchkey_core::{
    attempt::{AttemptFilter, RecordedAttempt},
    database::DatabaseName,
};
use serde::Serialize;
use time::OffsetDateTime;

use super::{administer, node::Node};
use crate::{
    output::{self, Form, Row, moment},
    text::text,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the newest attempts to log in to a database, each with its outcome
    List(List),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Database whose attempts are listed
    #[arg(long, value_name = "NAME")]
    database: DatabaseName,
    /// List only attempts with this login, whether or not a user has that login
    #[arg(long)]
    login: Option<String>,
    /// Largest number of attempts to list
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: u32,
    #[command(flatten)]
    form: Form,
}

/// Scripts rely on these keys: add to them, never rename.
#[derive(Serialize)]
struct AttemptRow {
    id: String,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    login: String,
    user_id: Option<String>,
    outcome: &'static str,
    factor: &'static str,
    address: Option<String>,
    user_agent: String,
    session_id: Option<String>,
}

impl From<RecordedAttempt> for AttemptRow {
    fn from(attempt: RecordedAttempt) -> Self {
        Self {
            id: attempt.id.to_string(),
            at: attempt.at,
            login: attempt.login,
            user_id: attempt.user.map(|user| user.to_string()),
            outcome: attempt.outcome.as_str(),
            factor: attempt.factor.as_str(),
            address: attempt.address.map(|address| address.to_string()),
            user_agent: attempt.agent.as_str().to_owned(),
            session_id: attempt.session.map(|session| session.to_string()),
        }
    }
}

impl Row for AttemptRow {
    fn heads() -> Vec<&'static str> {
        let text = text();
        vec![
            text.head_at(),
            text.head_login(),
            text.head_outcome(),
            text.head_address(),
            text.head_user_agent(),
        ]
    }

    fn none() -> &'static str {
        text().attempt_none()
    }

    fn cells(&self) -> Vec<String> {
        vec![
            moment(self.at),
            self.login.clone(),
            self.outcome.to_owned(),
            self.address.clone().unwrap_or_else(|| "-".to_owned()),
            self.user_agent.clone(),
        ]
    }
}

pub(super) fn run(node: &Node, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List(list) => self::list(node, list),
    }
}

fn list(node: &Node, list: List) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let database = administer::open(core, &list.database).await?;
        let filter = AttemptFilter {
            login: list.login,
            limit: list.limit,
        };
        let attempts = core.attempts.list(&database, &filter).await?;
        let rows = attempts.into_iter().map(AttemptRow::from);
        output::list(list.form, &rows.collect::<Vec<_>>())
    })
}
