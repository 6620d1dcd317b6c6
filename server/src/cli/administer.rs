//! Look-ups and questions that come before a command's work.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::anyhow;
use latchkey_core::{
    Core,
    database::{Database, DatabaseName, OpenDatabaseError},
    user::{InvalidLogin, InvalidUserName, Login, User, UserName},
};

use super::failure::Usage;
use crate::log::neutral;

/// The database of that name. The filter by host name does not apply.
pub(super) async fn open(core: &Core, name: &DatabaseName) -> anyhow::Result<Database> {
    core.databases
        .open_any(name)
        .await
        .map_err(|error| match error {
            OpenDatabaseError::Unknown => no_database(name),
            other => anyhow::Error::new(other).context(format!("database '{name}' cannot be used")),
        })
}

/// The error for a database that does not exist.
pub(super) fn no_database(name: &DatabaseName) -> anyhow::Error {
    anyhow!("there is no database '{name}'; `latchkey db list` lists the databases")
}

/// The user with that login, in upper or lower case.
pub(super) async fn find(core: &Core, database: &Database, login: &str) -> anyhow::Result<User> {
    core.users.find(database, login).await?.ok_or_else(|| {
        let (login, name) = (neutral(login), database.name());
        anyhow!("there is no user '{login}' in database '{name}'; `latchkey user list --database {name}` lists the users")
    })
}

/// Refuses a command that has to ask a question if standard input is no terminal.
pub(super) fn require_terminal(refusal: &'static str) -> Result<(), Usage> {
    if io::stdin().is_terminal() {
        Ok(())
    } else {
        Err(Usage(refusal))
    }
}

/// Asks the administrator to type a word: `y` is pressed too easily for something that cannot be undone.
pub(super) fn confirm(question: &str, word: &str) -> anyhow::Result<()> {
    let mut errors = io::stderr();
    write!(errors, "{question}: ")?;
    errors.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    anyhow::ensure!(
        answer.trim() == word,
        "the answer is not '{}'; nothing was deleted",
        neutral(word)
    );
    Ok(())
}

/// Parser of clap for a login.
pub(super) fn parse_login(text: &str) -> Result<Login, InvalidLogin> {
    Login::new(text)
}

/// Parser of clap for a person's name, which is one line of text.
pub(super) fn parse_name(text: &str) -> Result<String, InvalidUserName> {
    Ok(text.parse::<UserName>()?.to_string())
}

/// "no session was live", "1 session ended", "2 sessions ended".
pub(super) fn sessions(count: u32) -> String {
    match count {
        0 => "no session was live".to_owned(),
        1 => "1 session ended".to_owned(),
        many => format!("{many} sessions ended"),
    }
}
