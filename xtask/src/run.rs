//! From a clean checkout to a running server with a database.

use std::os::unix::process::CommandExt;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    build, ensure, programs,
    site::{self, Mode},
    text::Text,
    workspace::Workspace,
};

const DATABASE: &str = "main";
const LOGIN: &str = "admin";

/// The exit code of a command that finds no server's data.
const NO_DATA: i32 = 3;

/// Prepares everything, and then replaces this process by the server.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    prepare(workspace)?;
    create_first_database(workspace)?;
    let error = workspace.server().arg("serve").args(arguments).exec();
    Err(error).context("cannot run the server")
}

/// Installs what is missing and builds site and server.
pub(crate) fn prepare(workspace: &Workspace) -> Result<()> {
    ensure::wasm_target(workspace)?;
    ensure::postgresql()?;
    site::build(workspace, Mode::Dev)?;
    build::dev_server(workspace)
}

/// Creates a database if there is none, and prints how to log in.
pub(crate) fn create_first_database(workspace: &Workspace) -> Result<()> {
    let (text, names) = (Text::of_environment(), databases(workspace)?);
    println!();
    if names.is_empty() {
        let mut create = workspace.server();
        create.args(["db", "create", DATABASE, "--admin-login", LOGIN]);
        let said = programs::output(&mut create)?;
        let password = said.trim();
        println!("{}", first_log_in(text, password));
    } else {
        println!("  {}  {}", text.databases(), names.join(", "));
    }
    println!("\n  {}\n", text.address_follows());
    Ok(())
}

/// What the person types at the first log-in, a line each.
fn first_log_in(text: Text, password: &str) -> String {
    let rows = [
        (text.username(), LOGIN),
        (text.one_time_password(), password),
        (text.database(), DATABASE),
    ];
    let width = rows.iter().map(|(label, _)| label.chars().count()).max();
    let width = width.unwrap_or_default();
    rows.map(|(label, value)| format!("  {label:width$}  {value}"))
        .join("\n")
}

/// The databases. Without a data directory there are none, because only a server creates that without being
/// asked.
fn databases(workspace: &Workspace) -> Result<Vec<String>> {
    let mut list = workspace.server();
    list.args(["db", "list", "--json"]);
    let output = list.output().context("cannot run the server's program")?;
    match output.status.code() {
        Some(0) => database_names(&String::from_utf8(output.stdout)?),
        Some(NO_DATA) => Ok(Vec::new()),
        _ => bail!(
            "`latchkey db list` failed ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        ),
    }
}

fn database_names(json: &str) -> Result<Vec<String>> {
    let databases: Vec<Value> =
        serde_json::from_str(json).context("`latchkey db list --json` printed no JSON array")?;
    let name = |database: &Value| {
        database
            .get("name")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    databases
        .iter()
        .map(|database| {
            name(database).context("`latchkey db list --json`: a database without a name")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use latchkey_texts::Language;

    use super::*;

    #[test]
    fn databases_are_listed_by_name() {
        assert_eq!(database_names("[]").unwrap(), Vec::<String>::new());
        let two = r#"[{"name":"main","size":1},{"name":"b"}]"#;
        assert_eq!(database_names(two).unwrap(), ["main", "b"]);
    }

    #[test]
    fn the_first_log_in_is_told_in_columns() {
        let told = |language| first_log_in(Text::new(language), "xxxxx-xxxxx");
        assert_eq!(
            told(Language::En),
            "  Username:           admin\n  One-time password:  xxxxx-xxxxx\n  Database:           main"
        );
        assert_eq!(
            told(Language::De),
            "  Benutzername:    admin\n  Einmalpasswort:  xxxxx-xxxxx\n  Datenbank:       main"
        );
    }

    #[test]
    fn anything_else_is_an_error() {
        assert!(database_names("main").is_err());
        assert!(database_names("[{}]").is_err());
    }
}
