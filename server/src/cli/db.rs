//! `latchkey db`: create, adopt, list and drop databases.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use latchkey_core::{
    account::{CreateUserError, NewUser},
    database::{DatabaseName, OpenDatabaseError},
    user::{Login, Role},
};
use serde::Serialize;

use super::{
    administer::{self, parse_login, parse_name},
    node::Node,
    password::Source,
};
use crate::{
    log::neutral,
    output::{self, Form, Row},
    platform::{self, Purpose},
    text::text,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create a database with its first administrator
    #[command(after_help = CREATE_EXAMPLES)]
    Create(Create),
    /// Adopt a database that PostgreSQL's tools restored
    #[command(after_help = ADOPT_EXAMPLES)]
    Adopt(Adopt),
    /// List the databases
    List(Form),
    /// Delete a database and everything in it
    Drop(Drop),
}

const CREATE_EXAMPLES: &str = "\
Examples:
  latchkey db create acme --admin-login ada@example.com --admin-name 'Ada Lovelace'
  latchkey db create acme --admin-login ada@example.com --admin-password-stdin < password-file

Without --admin-password-stdin the command generates a one-time password and prints it alone on standard output.";

#[derive(Debug, Args)]
pub(super) struct Create {
    /// Name of the new database: letters, digits, '_', '.' and '-'
    name: DatabaseName,
    /// Email or username of the administrator
    #[arg(long, value_name = "LOGIN", value_parser = parse_login)]
    admin_login: Login,
    /// Displayed name of the administrator [default: the login]
    #[arg(long, value_name = "NAME", value_parser = parse_name)]
    admin_name: Option<String>,
    /// Read the administrator's password from standard input
    #[arg(long)]
    admin_password_stdin: bool,
}

const ADOPT_EXAMPLES: &str = "\
Examples:
  latchkey db adopt acme
          adopt the database 'acme', which pg_restore has just restored

`latchkey db adopt` creates what a dump leaves out: the restricted role, its privileges and policies, and Latchkey's marker. The
PostgreSQL user of Latchkey becomes the owner of the database and of everything in its schema 'public'. The command updates the
schema and ends the sessions that the dump brought along. Adopting a complete database again changes nothing. See docs/backup.md.";

#[derive(Debug, Args)]
pub(super) struct Adopt {
    /// Database to adopt
    name: DatabaseName,
}

#[derive(Debug, Args)]
pub(super) struct Drop {
    /// Database to delete
    name: DatabaseName,
    /// Delete without asking first
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
struct DatabaseRow {
    name: String,
}

impl Row for DatabaseRow {
    fn heads() -> Vec<&'static str> {
        Vec::new()
    }

    fn none() -> &'static str {
        text().database_none()
    }

    fn cells(&self) -> Vec<String> {
        vec![self.name.clone()]
    }
}

pub(super) fn run(node: &Node, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Create(create) => self::create(node, create),
        Command::Adopt(adopt) => self::adopt(node, &adopt.name),
        Command::List(form) => list(node, form),
        Command::Drop(drop) => self::drop(node, &drop),
    }
}

fn create(node: &Node, create: Create) -> anyhow::Result<()> {
    let password = Source::for_new_user(create.admin_password_stdin)?;
    node.with_core_for(Purpose::CreateDatabase, async |core| {
        platform::prepare_role(core).await?;
        let (password, announcement) = password.draw(core);
        let login = create.admin_login.as_str().to_owned();
        let name = create.admin_name.unwrap_or_else(|| login.clone());
        let administrator = NewUser {
            login: create.admin_login,
            name,
            password,
            role: Role::Administrator,
            companies: Vec::new(),
        };
        core.users
            .create_database(&create.name, administrator)
            .await
            .map_err(|error| match error {
                CreateUserError::Database(cause) => anyhow::Error::new(cause)
                    .context(text().database_not_created(create.name.as_str())),
                other => other.into(),
            })?;
        output::notice(&text().database_created(create.name.as_str(), &neutral(&login)));
        announcement.print(&login)
    })
}

fn adopt(node: &Node, name: &DatabaseName) -> anyhow::Result<()> {
    node.with_core(async |core| {
        platform::prepare_role(core).await?;
        let ended = core
            .databases
            .adopt(name)
            .await
            .with_context(|| text().database_not_adopted(name.as_str()))?;
        let ended = administer::sessions(u32::try_from(ended).unwrap_or(u32::MAX));
        output::notice(&text().database_adopted(name.as_str(), &ended));
        Ok(())
    })
}

fn list(node: &Node, form: Form) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let names = core.databases.list().await?;
        let rows: Vec<DatabaseRow> = names
            .iter()
            .map(|name| DatabaseRow {
                name: name.to_string(),
            })
            .collect();
        output::list(form, &rows)?;
        for name in core.databases.unadopted().await? {
            output::notice(&text().database_unadopted(name.as_str()));
        }
        Ok(())
    })
}

fn drop(node: &Node, drop: &Drop) -> anyhow::Result<()> {
    if !drop.yes {
        confirm(node, &drop.name)?;
    }
    node.with_core(async |core| {
        core.databases
            .drop_database(&drop.name)
            .await
            .map_err(|error| match error {
                OpenDatabaseError::Unknown => administer::no_database(&drop.name),
                other => other.into(),
            })?;
        output::notice(&text().database_deleted(drop.name.as_str()));
        Ok(())
    })
}

/// Asks for the name, if the database exists.
fn confirm(node: &Node, name: &DatabaseName) -> anyhow::Result<()> {
    administer::require_terminal(text().database_delete_unasked())?;
    node.with_core(async |core| {
        let is_there = core.databases.list().await?.contains(name);
        anyhow::ensure!(is_there, administer::no_database(name));
        Ok(())
    })?;
    let question = text().database_delete_question(name.as_str());
    administer::confirm(&question, name.as_str())
}
