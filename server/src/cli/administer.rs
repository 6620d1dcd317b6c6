//! What commands look up before they do anything.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::anyhow;
use latchkey_core::{
    Core,
    database::{Database, DatabaseName, OpenDatabaseError},
    user::{InvalidLogin, Login, User},
};

use super::failure::Usage;
use crate::log::neutral;

/// The database of that name, whatever host names may see it.
pub(super) async fn open(core: &Core, name: &DatabaseName) -> anyhow::Result<Database> {
    core.databases
        .open_any(name)
        .await
        .map_err(|error| match error {
            OpenDatabaseError::Unknown => no_database(name),
            other => anyhow::Error::new(other).context(format!("database '{name}' cannot be used")),
        })
}

/// What to say when there is none.
pub(super) fn no_database(name: &DatabaseName) -> anyhow::Error {
    anyhow!("there is no database '{name}'; `latchkey db list` shows which there are")
}

/// The user with that login, in whatever case.
pub(super) async fn find(core: &Core, database: &Database, login: &str) -> anyhow::Result<User> {
    core.find_user(database, login).await?.ok_or_else(|| {
        let (login, name) = (neutral(login), database.name());
        anyhow!("there is no user '{login}' in database '{name}'; `latchkey user list --database {name}` shows who there is")
    })
}

/// Refuses a command that has to ask where there is no terminal to ask at.
pub(super) fn require_terminal(refusal: &'static str) -> Result<(), Usage> {
    if io::stdin().is_terminal() {
        Ok(())
    } else {
        Err(Usage(refusal))
    }
}

/// Lets a word be typed: `y` is pressed too easily for something that cannot be undone.
pub(super) fn confirm(question: &str, word: &str) -> anyhow::Result<()> {
    let mut errors = io::stderr();
    write!(errors, "{question}: ")?;
    errors.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    anyhow::ensure!(
        answer.trim() == word,
        "that is not '{}'; nothing was deleted",
        neutral(word)
    );
    Ok(())
}

/// For clap.
pub(super) fn parse_login(text: &str) -> Result<Login, InvalidLogin> {
    Login::new(text)
}

/// For clap: what people are called is one line of text.
pub(super) fn parse_name(text: &str) -> Result<String, &'static str> {
    let name = text.trim();
    if name.is_empty() || name.contains(char::is_control) {
        return Err("a name is not empty and has no control characters");
    }
    Ok(name.to_owned())
}

/// "no session", "1 session", "2 sessions".
pub(super) fn sessions(count: u32) -> String {
    match count {
        0 => "no session".to_owned(),
        1 => "1 session".to_owned(),
        many => format!("{many} sessions"),
    }
}
