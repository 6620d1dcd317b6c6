//! Look-ups and questions that come before a command's work.

use std::io::{self, IsTerminal as _};

use anyhow::anyhow;
use latchkey_core::{
    Core, DisplayedName, InvalidName,
    database::{Database, DatabaseName, OpenDatabaseError},
    user::{InvalidLogin, Login, User},
};

use super::failure::Usage;
use crate::{log::neutral, output, text::text};

/// The database of that name. The filter by host name does not apply.
pub(super) async fn open(core: &Core, name: &DatabaseName) -> anyhow::Result<Database> {
    core.databases
        .open_any(name)
        .await
        .map_err(|error| match error {
            OpenDatabaseError::Unknown => no_database(name),
            other => {
                let refusal = text().database_unusable(name.as_str());
                anyhow::Error::new(other).context(refusal)
            }
        })
}

/// The error for a database that does not exist.
pub(super) fn no_database(name: &DatabaseName) -> anyhow::Error {
    anyhow!(text().database_unknown(name.as_str()))
}

/// The user with that login, in upper or lower case.
pub(super) async fn find(core: &Core, database: &Database, login: &str) -> anyhow::Result<User> {
    core.users
        .find(database, login)
        .await?
        .ok_or_else(|| anyhow!(text().user_unknown(database.name().as_str(), &neutral(login))))
}

/// Refuses a command that has to ask a question if standard input is no terminal.
pub(super) fn require_terminal(refusal: &str) -> Result<(), Usage> {
    if io::stdin().is_terminal() {
        Ok(())
    } else {
        Err(Usage(refusal.to_owned()))
    }
}

/// Asks the administrator to type a word: `y` is pressed too easily for something that cannot be undone.
pub(super) fn confirm(question: &str, word: &str) -> anyhow::Result<()> {
    output::question(question)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    anyhow::ensure!(answer.trim() == word, text().wrong_answer(&neutral(word)));
    Ok(())
}

/// Parser of clap for a login.
pub(super) fn parse_login(text: &str) -> Result<Login, InvalidLogin> {
    Login::new(text)
}

/// Parser of clap for a person's name, which is one line of text.
pub(super) fn parse_name(text: &str) -> Result<String, InvalidName> {
    Ok(text.parse::<DisplayedName>()?.to_string())
}

/// "no session was live", "1 session ended", "2 sessions ended".
pub(super) fn sessions(count: u32) -> String {
    match count {
        0 => text().sessions_ended_none().to_owned(),
        ended => text().sessions_ended(ended),
    }
}
