//! The questions on a terminal before something is deleted, and the answers if there is nothing to delete.

use std::{fs::File, io::Write as _, process::Command};

use rustix::{
    fs::{Mode, OFlags},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};
use serde_json::json;

use crate::program::{Node, Outcome};

const NO_ID: &str = "\
invalid value 'x' for '--id <ID>': a session's id looks like 0190a6e0-7c3e-7000-8000-000000000001; \
`latchkey session list --database NAME` lists the ids";

fn at_a_terminal(node: &Node, line: &str, typed: &str) -> Outcome {
    answered(&mut node.command(line), typed)
}

/// Runs a command whose standard input is a terminal with this typed text.
pub fn answered(command: &mut Command, typed: &str) -> Outcome {
    let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&keyboard).unwrap();
    unlockpt(&keyboard).unwrap();
    let name = ptsname(&keyboard, Vec::new()).unwrap();
    let terminal = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    let mut keyboard = File::from(keyboard);
    keyboard.write_all(typed.as_bytes()).unwrap();
    let output = command.stdin(terminal).output().unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn a_user_is_deleted_once_the_login_was_typed() {
    let node = Node::new();
    let server = node.serve();
    node.run("db create acme --admin-login Ada").done();
    node.run("user add --database acme --login bob").done();
    let delete = "user delete --database acme --login ada";
    let unasked = node.run(delete).failed(2);
    assert!(
        unasked.contains("no terminal") && unasked.contains("--yes"),
        "{unasked}"
    );
    let unknown = at_a_terminal(&node, "user delete --database acme --login eve", "eve\n");
    assert!(unknown.failed(1).starts_with("there is no user 'eve'"));
    let refused = at_a_terminal(&node, delete, "y\n");
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.stderr.contains("nothing was deleted"),
        "{refused:?}"
    );
    assert!(
        node.run("user list --database acme")
            .done()
            .contains("Ada ")
    );
    let deleted = at_a_terminal(&node, delete, "Ada\n");
    assert!(
        deleted.stderr.contains("Type the login") && deleted.stderr.contains("Deleted Ada"),
        "{deleted:?}"
    );
    assert_eq!(deleted.done(), "");
    node.run("user delete --database acme --login bob --yes")
        .done();
    assert_eq!(
        node.run("user list --database acme --json").json(),
        json!([])
    );
    assert_eq!(server.terminate().0.code(), Some(0));
}

#[test]
fn a_database_is_dropped_once_the_name_was_typed() {
    let node = Node::new();
    let server = node.serve();
    node.run("db create acme --admin-login ada").done();
    let unknown = at_a_terminal(&node, "db drop nope", "");
    assert!(unknown.failed(1).starts_with("there is no database 'nope'"));
    let refused = at_a_terminal(&node, "db drop acme", "y\n");
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert_eq!(node.run("db list").done(), "acme\n");
    let dropped = at_a_terminal(&node, "db drop acme", "acme\n");
    assert!(dropped.stderr.contains("Type the name"), "{dropped:?}");
    assert_eq!(dropped.done(), "");
    assert_eq!(node.run("db list").done(), "");
    assert_eq!(server.terminate().0.code(), Some(0));
}

#[test]
fn an_empty_list_says_so_on_standard_error() {
    let node = Node::new();
    let server = node.serve();
    node.run("db create acme --admin-login ada").done();
    node.run("user delete --database acme --login ada --yes")
        .done();
    for (line, sentence) in [
        ("user list", "There is no user."),
        (
            "audit list --subject rule",
            "There is no such entry in the audit log.",
        ),
        ("session list", "There is no live session."),
        ("attempts list", "There is no such attempt to log in."),
    ] {
        let line = format!("{line} --database acme");
        let text = node.run(&line);
        assert!(text.stderr.contains(sentence), "{text:?}");
        assert_eq!(text.done(), "", "{line}");
        assert_eq!(node.run(&format!("{line} --json")).json(), json!([]));
    }
    assert_eq!(server.terminate().0.code(), Some(0));
}

#[test]
fn a_user_who_is_as_wanted_already_is_said_to_be() {
    let node = Node::new();
    let server = node.serve();
    node.run("db create acme --admin-login ada").done();
    for (act, sentence) in [
        ("enable", "ada is already enabled."),
        ("disable", "Disabled ada; no session was live."),
        ("disable", "ada is already disabled."),
        ("enable", "Enabled ada."),
    ] {
        let outcome = node.run(&format!("user {act} --database acme --login ada"));
        assert!(outcome.stderr.contains(sentence), "{outcome:?}");
        assert_eq!(outcome.done(), "");
    }
    assert_eq!(server.terminate().0.code(), Some(0));
}

#[test]
fn the_id_of_a_session_is_explained() {
    let refused = Node::new()
        .run("session end --database acme --id x")
        .failed(2);
    assert!(refused.starts_with(NO_ID), "{refused}");
}
