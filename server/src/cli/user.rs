//! `latchkey user`: add, list and change users.

use std::io::{self, IsTerminal as _};

use anyhow::anyhow;
use clap::{Args, Subcommand};
use latchkey_core::{
    Core, DisplayedName,
    account::{CreateUserError, NewUser, RenameUserError},
    attempt::LOG_IN_CODE_IS_GOOD_FOR,
    database::{Database, DatabaseName},
    user::{Login, Role, User},
};
use serde::Serialize;

use super::{
    administer::{self, parse_login, parse_name},
    company,
    failure::Usage,
    node::Node,
    password::{self, Source},
    user_companies, user_groups,
    user_row::UserRow,
    who::Who,
};
use crate::{
    log::neutral,
    output::{self, Form},
    text::text,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a user
    #[command(after_help = ADD_EXAMPLES)]
    Add(Add),
    /// List the users of a database
    List(List),
    /// Set a new password for a user, and end all sessions of the user
    #[command(after_help = SET_PASSWORD_EXAMPLES)]
    SetPassword(SetPassword),
    /// Create a code with which a user can log in at once while wrong guesses delay log-ins
    LogInCode(Code),
    /// Disable a user, and end all sessions of the user
    Disable(Who),
    /// Enable a disabled user again
    Enable(Who),
    /// Give a user a new login, and end all sessions of the user
    Rename(Rename),
    /// List the companies that a user may work for
    Companies(user_companies::Companies),
    /// Set the companies that a user may work for
    SetCompanies(user_companies::SetCompanies),
    /// List the groups that a user is put into
    Groups(user_groups::Groups),
    /// Set the groups that a user is put into
    SetGroups(user_groups::SetGroups),
    /// Delete a user with all sessions and their history
    Delete(Delete),
}

const ADD_EXAMPLES: &str = "\
Examples:
  latchkey user add --database acme --login bob@example.com --name 'Bob Noyce'
  latchkey user add --database acme --login bob@example.com --password-stdin < password-file

Without --password-stdin the command generates a one-time password and prints it alone on standard output.";

const SET_PASSWORD_EXAMPLES: &str = "\
Examples:
  latchkey user set-password --database acme --login bob@example.com
          ask for the password twice
  latchkey user set-password --database acme --login bob@example.com --one-time
          generate a one-time password and print it alone on standard output";

#[derive(Debug, Args)]
pub(super) struct Add {
    /// Database of the user
    #[arg(long, value_name = "NAME")]
    database: DatabaseName,
    /// Email or username of the new user, unique in the database
    #[arg(long, value_parser = parse_login)]
    login: Login,
    /// Displayed name of the user [default: the login]
    #[arg(long, value_parser = parse_name)]
    name: Option<String>,
    /// Company that the user may work for; repeat it for several, the default one first [default: the oldest company]
    #[arg(long = "company", value_name = "NAME", value_parser = company::parse_name)]
    companies: Vec<DisplayedName>,
    /// Make the user an administrator of the database
    #[arg(long)]
    administrator: bool,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Database whose users to list
    #[arg(long, value_name = "NAME")]
    database: DatabaseName,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
pub(super) struct SetPassword {
    #[command(flatten)]
    who: Who,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
    /// Generate a one-time password and print it
    #[arg(long, conflicts_with = "password_stdin")]
    one_time: bool,
}

#[derive(Debug, Args)]
pub(super) struct Code {
    #[command(flatten)]
    who: Who,
    /// Print a JSON object instead of the code alone
    #[arg(long)]
    json: bool,
}

/// Scripts rely on these keys: add to them, never rename.
#[derive(Serialize)]
struct CodeRow {
    login: String,
    code: String,
    good_for_seconds: i64,
}

#[derive(Debug, Args)]
pub(super) struct Rename {
    #[command(flatten)]
    who: Who,
    /// New login of the user, unique in the database
    #[arg(long, value_name = "LOGIN", value_parser = parse_login)]
    to: Login,
}

#[derive(Debug, Args)]
pub(super) struct Delete {
    #[command(flatten)]
    who: Who,
    /// Delete without asking first
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(node: &Node, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Add(add) => self::add(node, add),
        Command::List(list) => self::list(node, &list),
        Command::SetPassword(set) => set_password(node, &set),
        Command::LogInCode(code) => log_in_code(node, &code),
        Command::Disable(who) => disable(node, &who),
        Command::Enable(who) => enable(node, &who),
        Command::Rename(rename) => self::rename(node, &rename),
        Command::Companies(list) => user_companies::list(node, &list),
        Command::SetCompanies(set) => user_companies::set(node, &set),
        Command::Groups(list) => user_groups::list(node, &list),
        Command::SetGroups(set) => user_groups::set(node, &set),
        Command::Delete(delete) => self::delete(node, &delete),
    }
}

fn add(node: &Node, add: Add) -> anyhow::Result<()> {
    let password = Source::for_new_user(add.password_stdin)?;
    node.with_core(async |core| {
        let database = administer::open(core, &add.database).await?;
        let (password, announcement) = password.draw(core);
        let login = add.login.as_str().to_owned();
        let name = add.name.unwrap_or_else(|| login.clone());
        let role = if add.administrator {
            Role::Administrator
        } else {
            Role::Person
        };
        let new = NewUser {
            login: add.login,
            name,
            password,
            role,
            companies: company::find_all(core, &database, &add.companies).await?,
        };
        core.users
            .create(&database, new)
            .await
            .map_err(|error| match error {
                CreateUserError::LoginTaken => {
                    anyhow!(text().login_taken(add.database.as_str(), &login))
                }
                other => other.into(),
            })?;
        output::notice(&text().user_added(add.database.as_str(), &login));
        announcement.print(&login)
    })
}

fn list(node: &Node, list: &List) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let database = administer::open(core, &list.database).await?;
        let rows: Vec<UserRow> = core
            .users
            .list(&database)
            .await?
            .into_iter()
            .map(UserRow::from)
            .collect();
        output::list(list.form, &rows)
    })
}

fn set_password(node: &Node, set: &SetPassword) -> anyhow::Result<()> {
    let password = match (set.password_stdin, set.one_time) {
        (true, _) => Source::Given(password::from_standard_input()?),
        (_, true) => Source::OneTime,
        _ if io::stdin().is_terminal() => Source::Given(password::from_keyboard()?),
        _ => {
            return Err(Usage(text().password_unasked().to_owned()).into());
        }
    };
    node.with_core(async |core| {
        let (database, user) = set.who.find(core).await?;
        let (password, announcement) = password.draw(core);
        let ended = core.users.set_password(&database, &user, password).await?;
        let (login, ended) = (neutral(&user.login), administer::sessions(ended));
        output::notice(&text().password_set(&login, &ended));
        announcement.print(&user.login)
    })
}

fn log_in_code(node: &Node, code: &Code) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, user) = code.who.find(core).await?;
        let made = core.log_in_codes.make_for(&database, &user).await?;
        let row = CodeRow {
            login: user.login,
            code: made.to_shown(),
            good_for_seconds: LOG_IN_CODE_IS_GOOD_FOR.whole_seconds(),
        };
        if code.json {
            output::line(&serde_json::to_string_pretty(&row)?)?;
        } else {
            output::line(&row.code)?;
        }
        output::notice(&text().log_in_code_made(&neutral(&row.login)));
        Ok(())
    })
}

fn disable(node: &Node, who: &Who) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, user) = who.find(core).await?;
        let login = neutral(&user.login);
        if is_disabled(core, &database, &user).await? {
            output::notice(&text().user_disabled_already(&login));
            return Ok(());
        }
        let ended = administer::sessions(core.users.disable(&database, &user).await?);
        output::notice(&text().user_disabled(&login, &ended));
        Ok(())
    })
}

fn enable(node: &Node, who: &Who) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, user) = who.find(core).await?;
        let login = neutral(&user.login);
        if !is_disabled(core, &database, &user).await? {
            output::notice(&text().user_enabled_already(&login));
            return Ok(());
        }
        core.users.enable(&database, &user).await?;
        output::notice(&text().user_enabled(&login));
        Ok(())
    })
}

async fn is_disabled(core: &Core, database: &Database, user: &User) -> anyhow::Result<bool> {
    let users = core.users.list(database).await?;
    let mut disabled = users.iter().filter(|record| record.disabled_at.is_some());
    Ok(disabled.any(|record| record.user.id == user.id))
}

fn rename(node: &Node, rename: &Rename) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, user) = rename.who.find(core).await?;
        let to = rename.to.as_str();
        let renamed = core.users.rename(&database, &user, &rename.to).await;
        let ended = renamed.map_err(|error| match error {
            RenameUserError::LoginTaken => {
                anyhow!(text().login_taken(database.name().as_str(), to))
            }
            error => error.into(),
        })?;
        let (login, ended) = (neutral(&user.login), administer::sessions(ended));
        output::notice(&text().user_renamed(&login, &ended, to));
        Ok(())
    })
}

fn delete(node: &Node, delete: &Delete) -> anyhow::Result<()> {
    if !delete.yes {
        confirm(node, &delete.who)?;
    }
    node.with_core(async |core| {
        let (database, user) = delete.who.find(core).await?;
        let ended = administer::sessions(core.users.delete(&database, &user).await?);
        let login = neutral(&user.login);
        output::notice(&text().user_deleted(&login, &ended));
        Ok(())
    })
}

/// Asks for the login, if the user exists.
fn confirm(node: &Node, who: &Who) -> anyhow::Result<()> {
    administer::require_terminal(text().user_delete_unasked())?;
    let mut login = String::new();
    node.with_core(async |core| {
        login = who.find(core).await?.1.login;
        Ok(())
    })?;
    let question = text().user_delete_question(who.database.as_str(), &neutral(&login));
    administer::confirm(&question, &login)
}
