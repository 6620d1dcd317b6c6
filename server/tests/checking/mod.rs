//! `config check` finds the errors that `serve` would find, and commands in the wrong folder leave nothing there.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _};

use serde_json::json;
use sqlx::{Connection as _, PgConnection};

use crate::program::{Node, Server, cluster};

/// Exit code and standard error of `config check` with a variable set.
fn check(node: &Node, variable: &str, value: &str) -> (Option<i32>, String) {
    let mut command = node.command("config check");
    let output = command.env(variable, value).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said)
}

#[test]
fn a_url_that_cannot_be_connected_with_is_refused_by_check_and_serve_alike() {
    let node = Node::new();
    for (url, words) in [
        ("postgres://me:hunter2/x@db/postgres", "%2F"),
        ("postgres://me:hunter2?x@db/postgres", "%3F"),
        ("postgres://me:hunter2#x@db/postgres", "%23"),
        ("postgres://me:hunter2@db/x?sslmode=on", "verify-full"),
        ("postgres://me:hunter2@one,two/x", "more than one host"),
        ("postgres://me:hunter2@/x", "names no host"),
        ("postgres://db/x?passwort=hunter2", "unknown parameter"),
    ] {
        for line in ["config check --offline", "serve", "db list"] {
            let mut command = node.command(line);
            let output = command
                .env("LATCHKEY__DATABASE__URL", url)
                .output()
                .unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{line} {url}: {said}");
            assert!(
                said.contains(words) && !said.contains("hunter2"),
                "{line} {url}: {said}"
            );
        }
    }
}

#[test]
fn check_asks_postgresql() {
    let node = Node::new();
    let away = "postgres://me:hunter2@localhost/postgres?host=/nonexistent";
    let (code, said) = check(&node, "LATCHKEY__DATABASE__URL", away);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("PostgreSQL cannot be used") && !said.contains("hunter2"),
        "{said}"
    );
    let mut offline = node.command("config check --offline");
    let offline = offline
        .env("LATCHKEY__DATABASE__URL", away)
        .output()
        .unwrap();
    assert_eq!(offline.status.code(), Some(0));

    let there = cluster(&node.path("elsewhere"));
    let url = format!("{}&port=5432&sslmode=disable", there.url("postgres"));
    assert_eq!(check(&node, "LATCHKEY__DATABASE__URL", &url).0, Some(0));
    only_reads(&node, &url);
    let unknown = url.replace("latchkey@", "stranger@");
    let (code, said) = check(&node, "LATCHKEY__DATABASE__URL", &unknown);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("stranger"), "{said}");
    there.close().unwrap();
}

/// Checks that a read-only database causes a warning, and a read-only server an error.
fn only_reads(node: &Node, url: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let run = |statement: &'static str| {
        runtime.block_on(async {
            let mut connection = PgConnection::connect(url).await.unwrap();
            // Each statement runs in its own transaction.
            for one in statement.split("; ") {
                sqlx::raw_sql(one).execute(&mut connection).await.unwrap();
            }
        });
    };
    let mut create = node.command("db create acme --admin-login ada");
    let create = create.env("LATCHKEY__DATABASE__URL", url).output().unwrap();
    assert_eq!(create.status.code(), Some(0), "{create:?}");
    run("alter database acme set default_transaction_read_only = on");
    let (code, said) = check(node, "LATCHKEY__DATABASE__URL", url);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("the database 'acme', which is read-only"),
        "{said}"
    );
    run("alter database acme reset default_transaction_read_only");
    let (_, said) = check(node, "LATCHKEY__DATABASE__URL", url);
    assert!(!said.contains("read-only"), "{said}");
    run("alter role latchkey set default_transaction_read_only = on");
    let (code, said) = check(node, "LATCHKEY__DATABASE__URL", url);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("accepts no writes"), "{said}");
    run("set default_transaction_read_only = off; alter role latchkey reset all");
}

#[test]
fn check_looks_for_files_folders_and_the_address() {
    let node = Node::new();
    let file = node.write("file", "");
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = elsewhere.local_addr().unwrap().to_string();
    for (variable, value, words) in [
        ("LATCHKEY_SITE", "/nonexistent", "the front end's files"),
        ("LATCHKEY_DATA", file.as_str(), "is not a folder"),
        (
            "LATCHKEY__SERVER__ADDRESS",
            "localhost.invalid:80",
            "without encryption",
        ),
        (
            "LATCHKEY__SERVER__ADDRESS",
            taken.as_str(),
            "cannot listen on",
        ),
    ] {
        let (code, said) = check(&node, variable, value);
        assert_ne!(code, Some(0), "{value}: {said}");
        assert!(said.contains(words), "{value}: {said}");
    }
    let mut command = node.command("config check");
    let foreign = command
        .env("LATCHKEY__SERVER__ADDRESS", "192.0.2.1:8069")
        .env("LATCHKEY__SERVER__BASE_URL", "https://latchkey.example.com");
    let said = String::from_utf8(foreign.output().unwrap().stderr).unwrap();
    assert!(said.contains("cannot listen on 192.0.2.1:8069"), "{said}");
    assert!(!node.path("postgres").exists(), "a check changes nothing");
}

#[test]
fn check_beside_its_own_server_is_fine() {
    let node = Node::new();
    let server = node.serve();
    let (code, said) = check(&node, "LATCHKEY__SERVER__ADDRESS", &server.address);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("is already running at"), "{said}");
    assert_eq!(server.terminate().0.code(), Some(0));
}

#[test]
fn a_secret_that_every_user_can_read_is_remarked_upon() {
    let node = Node::new();
    let url = node.write("url", "postgres://me:hunter2@localhost/x?host=/nonexistent");
    let remark = |mode| {
        fs::set_permissions(&url, fs::Permissions::from_mode(mode)).unwrap();
        check(&node, "LATCHKEY__DATABASE__URL_FILE", &url).1
    };
    assert!(remark(0o644).contains("can read"));
    assert!(!remark(0o640).contains("can read"));
}

#[test]
fn a_name_is_listened_on_at_all_its_addresses() {
    let node = Node::new();
    let mut command = node.command("serve");
    command.env("LATCHKEY__SERVER__ADDRESS", "localhost:0");
    let server = Server::start(command);
    server.wait_for_log("ready");
    assert_eq!(server.get("/healthz"), 200);
    assert_eq!(server.terminate().0.code(), Some(0));
}

#[test]
fn a_command_in_the_wrong_folder_makes_no_data() {
    let node = Node::new();
    fs::create_dir(node.path("wrong")).unwrap();
    let run = |line: &str, data: Option<&str>| {
        let mut command = node.command(line);
        command.current_dir(node.path("wrong"));
        match data {
            Some(data) => command.env("LATCHKEY_DATA", data),
            None => command.env_remove("LATCHKEY_DATA"),
        };
        let output = command.output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let user = "user list --database acme";
    let create = "db create acme --admin-login ada";
    for (line, data) in [
        (create, None),
        ("db list", None),
        (user, None),
        ("session list --database acme", None),
        ("db list", Some("named")),
        (user, Some("named")),
    ] {
        let (code, said) = run(line, data);
        let looked = node.path("wrong").join(data.unwrap_or("data"));
        assert_eq!(code, Some(3), "{line}: {said}");
        assert!(
            said.contains(&looked.display().to_string()),
            "{line}: {said}"
        );
        assert!(said.contains("latchkey serve"), "{line}: {said}");
        assert!(
            fs::read_dir(node.path("wrong")).unwrap().next().is_none(),
            "{line}"
        );
    }
    let (code, said) = run(create, Some("named"));
    assert_eq!(code, Some(0), "a folder that is named is meant: {said}");
    let mut list = node.command("db list --json");
    list.env("LATCHKEY_DATA", node.path("wrong/named"));
    let listed: serde_json::Value = serde_json::from_slice(&list.output().unwrap().stdout).unwrap();
    assert_eq!(listed, json!([{"name": "acme"}]));
}
