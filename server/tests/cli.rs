//! The program from outside: commands, output, exit codes, signals.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod administration;
mod backups;
mod chaos;
mod checking;
mod connections;
mod endings;
mod faults;
mod languages;
mod output;
mod pgbouncer;
mod program;

use program::{Node, Server, cluster};
use rustix::process::Signal;
use serde_json::json;

#[test]
fn a_command_line_that_makes_no_sense_is_refused_with_2() {
    let node = Node::new();
    for line in [
        "",
        "fly",
        "db create",
        "db create ../acme --admin-login ada",
        "db create acme --admin-login a\u{a0}b",
        "db create acme --admin-login ada --admin-password x",
        "db list --yaml",
        "db drop acme",
        "user add --login ada",
        "user set-password --database acme --login ada",
        "user set-password --database acme --login ada --one-time --password-stdin",
        "session end --database acme",
        "session end --database acme --id 1",
        "session end --database acme --login ada --id 0190a6e0-7c3e-7000-8000-000000000001",
    ] {
        let outcome = node.run(line);
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (Some(2), ""),
            "{line}: {outcome:?}"
        );
    }
    assert!(node.run("db drop acme").failed(2).contains("--yes"));
    assert!(
        !node.path("postgres").exists(),
        "none of them got as far as to PostgreSQL"
    );
}

#[test]
fn the_help_teaches() {
    let node = Node::new();
    for line in [
        "--help",
        "db create --help",
        "user add --help",
        "user set-password --help",
        "session end --help",
    ] {
        assert!(
            node.run(line).done().contains("\nExamples:\n  latchkey "),
            "{line}"
        );
    }
    for (line, argument) in [
        ("db drop --help", "Database to delete"),
        ("db adopt --help", "Database to adopt"),
    ] {
        assert!(node.run(line).done().contains(argument), "{line}");
    }
    assert!(node.run("--version").done().starts_with("latchkey "));
}

#[test]
fn a_configuration_is_checked_and_printed() {
    let node = Node::new();
    let bad = node.write("bad.toml", "[sessions]\nidle_timout = \"1h\"\n");
    for line in [
        format!("-c {bad} config check"),
        format!("config check -c {bad}"),
        format!("-c {bad} db list"),
        format!("serve --config {bad}"),
    ] {
        let sentence = node.run(&line).failed(2);
        assert!(
            sentence.contains("bad.toml:2: sessions.idle_timout")
                && sentence.contains("did you mean"),
            "{sentence}"
        );
    }
    let missing = node.run("config check -c missing.toml").failed(2);
    assert_eq!(missing.matches("No such file").count(), 1, "{missing}");

    let default = node.run("config print").done();
    assert!(default.contains("# Environment: LATCHKEY__SERVER__ADDRESS"));
    assert_eq!(
        node.run("config check").done(),
        "the configuration is fine: no file, only the defaults and the environment\n"
    );
    node.write("latchkey.toml", &format!("{default}\n"));
    assert_eq!(
        node.run("config check").done(),
        "the configuration is fine: latchkey.toml\n"
    );

    let secret = node.write(
        "secret.toml",
        "[database]\nurl = \"postgres://me:hunter2@db/postgres\"\n",
    );
    let effective = node
        .run(&format!("config print --effective -c {secret}"))
        .done();
    assert!(
        effective.contains("url = \"postgres://***\"")
            && effective.contains("address = \"127.0.0.1:0\""),
        "{effective}"
    );
    let malformed = node.write(
        "malformed.toml",
        "[database]\nurl = \"postgres://me:hunter2@db:hunter2/x\"\n",
    );
    assert!(
        !node
            .run(&format!("db list -c {malformed}"))
            .failed(2)
            .contains("hunter2")
    );
}

#[test]
fn a_damaged_file_of_places_is_found_out_and_keeps_no_person_out() {
    let node = Node::new();
    let damaged = node.write("places.mmdb", "half a file");
    let file = node.write("latchkey.toml", &format!("[places]\nfile = '{damaged}'\n"));
    let checked = node.run("config check");
    assert!(
        checked.stderr.contains("would start, but show no places")
            && checked.stderr.contains(&damaged),
        "{checked:?}"
    );
    assert!(checked.done().starts_with("the configuration is fine"));
    let server = Server::start(node.command(&format!("serve -c {file}")));
    server.wait_for_log("places are not shown");
    assert_eq!(server.get("/readyz"), 200);
    assert_eq!(server.terminate().0.code(), Some(0));
}

#[test]
fn a_killed_server_is_started_again_over_what_it_left_behind() {
    let node = Node::new();
    node.serve().kill();
    assert!(node.has_postgres(), "no command could stop it");
    let server = node.serve();
    let second = node
        .command("serve")
        .env("LATCHKEY__SERVER__ADDRESS", &server.address)
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&second.stderr)
            .contains(&format!("cannot listen on {}", server.address))
    );
    assert_eq!(server.terminate().0.code(), Some(0));
    assert!(!node.has_postgres());
    let empty = node.run("db list --json");
    assert!(
        empty.stderr.contains("`latchkey db create` creates one"),
        "{empty:?}"
    );
    assert_eq!(empty.json(), json!([]));
    assert!(
        !node.has_postgres(),
        "a command without a server stops what it started"
    );
}

#[test]
fn a_private_postgresql_that_dies_is_started_again() {
    let node = Node::new();
    let server = node.serve();
    node.signal_postgres(Signal::KILL);
    server.wait_for_log("the private PostgreSQL does not answer");
    server.wait_for_log("started PostgreSQL");
    while server.get("/readyz") != 200 {
        std::thread::yield_now();
    }
    assert_eq!(server.terminate().0.code(), Some(0));
    assert!(!node.has_postgres(), "what was started again is stopped");
}

#[test]
fn a_server_that_starts_without_postgresql_is_ready_once_it_is_back() {
    let node = Node::new();
    let elsewhere = node.path("elsewhere");
    let first = cluster(&elsewhere);
    let url = node.write(
        "url",
        &format!("{}&port=5432&sslmode=disable\n", first.url("postgres")),
    );
    first.close().unwrap();
    let mut command = node.command("serve");
    command.env("LATCHKEY__DATABASE__URL_FILE", url);
    let server = Server::start(command);
    assert_eq!((server.get("/healthz"), server.get("/readyz")), (200, 503));
    let back = cluster(&elsewhere);
    server.wait_for_log("PostgreSQL is available");
    assert_eq!(server.get("/readyz"), 200);
    assert_eq!(server.terminate().0.code(), Some(0));
    assert!(!node.has_postgres(), "an external PostgreSQL is enough");
    back.close().unwrap();
}
