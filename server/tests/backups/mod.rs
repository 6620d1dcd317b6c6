//! Runs the commands of docs/backup.md as they are written there.

use std::{env, fs, path::Path};

use latchkey_postgres::Binaries;
use serde_json::json;

use crate::program::Node;

const PAGE: &str = include_str!("../../../docs/backup.md");

/// The commands under a heading of the page.
fn commands(heading: &str) -> &'static str {
    let (_, section) = PAGE.split_once(&format!("\n## {heading}\n")).unwrap();
    let (_, block) = section.split_once("\n```sh\n").unwrap();
    block.split_once("```").unwrap().0
}

/// Runs the commands under these headings of the page, one after the other.
fn run(node: &Node, headings: &[&str]) {
    let script: Vec<&str> = headings.iter().map(|heading| commands(heading)).collect();
    let mut shell = node.shell(&script.concat());
    let latchkey = Path::new(env!("CARGO_BIN_EXE_latchkey")).parent().unwrap();
    let tools = Binaries::find(None).unwrap().program("pg_dump");
    let mut folders = vec![latchkey.to_owned(), tools.parent().unwrap().to_owned()];
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap()));
    let output = shell
        .env("PATH", env::join_paths(folders).unwrap())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{headings:?}: {said}");
    assert!(!said.contains("error"), "{headings:?}: {said}");
}

#[test]
fn the_commands_of_the_page_about_backups_do_what_it_says() {
    let (old, new) = (Node::new(), Node::new());
    let servers = [old.serve(), new.serve()];
    old.run("db create acme --admin-login ada@example.com")
        .done();
    let tell = "Tell the tools where PostgreSQL is";
    run(&old, &[tell, "Back up"]);
    old.run("user add --database acme --login bob@example.com")
        .done();
    run(&old, &[tell, "Go back to a backup"]);
    fs::copy(old.path("acme.dump"), new.path("acme.dump")).unwrap();
    run(&new, &[tell, "Move to a new server"]);
    for node in [&old, &new] {
        assert_eq!(node.run("db list --json").json(), json!([{"name": "acme"}]));
        let users = node.run("user list --database acme").done();
        assert!(users.contains("ada@") && !users.contains("bob@"), "{users}");
    }
    for server in servers {
        assert_eq!(server.terminate().0.code(), Some(0));
    }
}

#[test]
fn a_restored_database_is_listed_until_it_is_adopted() {
    let node = Node::new();
    let server = node.serve();
    node.run("db create acme --admin-login ada@example.com")
        .done();
    let tell = commands("Tell the tools where PostgreSQL is");
    let unmark = "psql --command 'comment on database acme is null' postgres";
    let unmarked = node.shell(&format!("{tell}\n{unmark}")).output().unwrap();
    assert!(unmarked.status.success(), "{unmarked:?}");
    let list = node.run("db list");
    assert!(list.stderr.contains("`latchkey db adopt acme`"), "{list:?}");
    assert_eq!(list.done(), "");
    let adopted = node.run("db adopt acme");
    assert!(
        adopted.stderr.contains("Adopted database acme"),
        "{adopted:?}"
    );
    assert_eq!(adopted.done(), "");
    assert_eq!(node.run("db list").done(), "acme\n");
    let unknown = node.run("db adopt globex").failed(1);
    assert!(
        unknown.starts_with("database 'globex' was not adopted: there is no database"),
        "{unknown}"
    );
    assert_eq!(server.terminate().0.code(), Some(0));
}
