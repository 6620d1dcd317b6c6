//! `latchkey session`: list and end sessions.

use std::str::FromStr;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use latchkey_core::{
    Core,
    database::{Database, DatabaseName},
    session::{EndSessionError, Session, SessionId},
    user::User,
};
use serde::Serialize;
use time::OffsetDateTime;

use super::{administer, node::Node};
use crate::{
    log::neutral,
    output::{self, Form, Row, moment},
    text::text,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the live sessions of a database or a user
    List(List),
    /// End one session, all sessions of a user, or all sessions of a database, at once
    #[command(after_help = END_EXAMPLES)]
    End(End),
}

const END_EXAMPLES: &str = "\
Examples:
  latchkey session end --database acme --login bob@example.com
          end all sessions of Bob
  latchkey session end --database acme --id 0190a6e0-7c3e-7000-8000-000000000001
          end one session; `latchkey session list` lists the ids";

#[derive(Debug, Args)]
pub(super) struct List {
    /// Database whose sessions to list
    #[arg(long, value_name = "NAME")]
    database: DatabaseName,
    /// List only the sessions of the user with this login
    #[arg(long)]
    login: Option<String>,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
pub(super) struct End {
    /// Database of the sessions
    #[arg(long, value_name = "NAME")]
    database: DatabaseName,
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// End the session with this id
    #[arg(long, value_parser = parse_id)]
    id: Option<SessionId>,
    /// End all sessions of the user with this login
    #[arg(long)]
    login: Option<String>,
    /// End all sessions of the database, for example after a restore over the original
    #[arg(long)]
    all: bool,
}

/// The refusal of a text that is no session's id.
#[derive(Debug, thiserror::Error)]
#[error(
    "a session's id looks like 0190a6e0-7c3e-7000-8000-000000000001; `latchkey session list --database NAME` lists the ids"
)]
struct InvalidId(#[source] <SessionId as FromStr>::Err);

/// Parser of clap for a session's id.
fn parse_id(text: &str) -> Result<SessionId, InvalidId> {
    text.parse().map_err(InvalidId)
}

/// Scripts rely on these keys: add to them, never rename.
#[derive(Serialize)]
struct SessionRow {
    id: String,
    user_id: String,
    login: String,
    authenticated_by: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    last_active_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
    address: Option<String>,
    user_agent: String,
    browser: Option<String>,
    platform: Option<String>,
    machine: Option<&'static str>,
    time_zone: Option<String>,
}

impl SessionRow {
    fn new(core: &Core, user: User, session: Session) -> Self {
        let device = core.devices.recognise(&session.agent);
        Self {
            id: session.id.to_string(),
            user_id: user.id.to_string(),
            login: user.login,
            authenticated_by: session.authenticated_by.as_str(),
            created_at: session.created_at,
            last_active_at: session.last_active_at,
            expires_at: session.expiry.at,
            address: session.address.map(|address| address.to_string()),
            user_agent: session.agent.as_str().to_owned(),
            browser: device.browser.clone(),
            platform: device.platform.clone(),
            machine: device.machine,
            time_zone: session.time_zone,
        }
    }

    fn device(&self) -> String {
        let browser = self.browser.as_deref().unwrap_or("Unknown browser");
        match self.machine.or(self.platform.as_deref()) {
            Some(platform) => format!("{browser} on {platform}"),
            None => browser.to_owned(),
        }
    }
}

impl Row for SessionRow {
    fn heads() -> Vec<&'static str> {
        let text = text();
        vec![
            text.head_id(),
            text.head_login(),
            text.head_logged_in(),
            text.head_last_active(),
            text.head_address(),
            text.head_device(),
        ]
    }

    fn none() -> &'static str {
        text().session_none()
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.clone(),
            self.login.clone(),
            moment(self.created_at),
            moment(self.last_active_at),
            self.address.clone().unwrap_or_else(|| "-".to_owned()),
            self.device(),
        ]
    }
}

pub(super) fn run(node: &Node, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List(list) => self::list(node, &list),
        Command::End(end) => self::end(node, &end),
    }
}

fn list(node: &Node, list: &List) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let database = administer::open(core, &list.database).await?;
        let user = match &list.login {
            Some(login) => Some(administer::find(core, &database, login).await?.id),
            None => None,
        };
        let sessions = core.sessions.list_all(&database, user).await?;
        let rows = sessions
            .into_iter()
            .map(|(user, session)| SessionRow::new(core, user, session));
        output::list(list.form, &rows.collect::<Vec<_>>())
    })
}

fn end(node: &Node, end: &End) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let database = administer::open(core, &end.database).await?;
        match (end.which.id, &end.which.login) {
            (Some(id), _) => end_one(core, &database, id).await,
            (None, Some(login)) => end_all_of(core, &database, login).await,
            // clap refuses a command line without one of the three options, so `--all` is given.
            (None, None) => end_all(core, &database).await,
        }
    })
}

async fn end_one(core: &Core, database: &Database, id: SessionId) -> anyhow::Result<()> {
    let ended = core.sessions.end(database, id).await;
    ended.map_err(|error| match error {
        EndSessionError::NotFound => {
            anyhow!(text().session_unknown(database.name().as_str(), &id.to_string()))
        }
        error @ EndSessionError::Store(_) => error.into(),
    })?;
    output::notice(text().session_ended());
    Ok(())
}

async fn end_all(core: &Core, database: &Database) -> anyhow::Result<()> {
    let ended = core.sessions.end_all(database).await?;
    let ended = administer::sessions(u32::try_from(ended).unwrap_or(u32::MAX));
    output::notice(&text().sessions_ended_of_database(database.name().as_str(), &ended));
    Ok(())
}

async fn end_all_of(core: &Core, database: &Database, login: &str) -> anyhow::Result<()> {
    let user = administer::find(core, database, login).await?;
    let login = neutral(&user.login);
    match core.sessions.end_of_user(database, &user).await? {
        0 => output::notice(&text().user_not_logged_in(&login)),
        ended => {
            let ended = administer::sessions(ended);
            output::notice(&text().sessions_ended_of_user(&login, &ended));
        }
    }
    Ok(())
}
