//! Output that cannot be written: a full disk, a reader that is gone, and a reader that does not read.

use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    process::{Command, Stdio},
};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use crate::program::{Node, Server};

/// An output on which every write fails, as on a full disk.
fn full() -> Stdio {
    File::options()
        .write(true)
        .open("/dev/full")
        .unwrap()
        .into()
}

/// A pipe whose reader is gone.
fn unread() -> Stdio {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    writer.into()
}

type Way = fn() -> Stdio;

const WAYS: [(&str, Way); 2] = [("full", full), ("unread", unread)];

/// A server on a free port. The test chooses the port, because it cannot read the server's output.
fn serve(node: &Node, stdout: Stdio, stderr: Stdio) -> Server {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = port.local_addr().unwrap().to_string();
    drop(port);
    let mut command = node.command("serve");
    command
        .env("LATCHKEY__SERVER__ADDRESS", &address)
        .env("LATCHKEY__LOG__FILTER", "trace")
        .stdout(stdout)
        .stderr(stderr);
    Server::start_unheard(command, address)
}

#[test]
fn a_server_that_cannot_write_its_log_goes_on_serving() {
    let node = Node::new();
    for (name, way) in WAYS {
        let server = serve(&node, way(), way());
        // The server logs each of these requests, also one for a path that is not found.
        for path in ["/login", "/profile", "/nowhere", "/api/log_in"] {
            let status = server.get(path);
            assert!((200..500).contains(&status), "{name}: {path} {status}");
        }
        assert_eq!(server.get("/readyz"), 200, "{name}");
        assert_eq!(server.terminate().0.code(), Some(0), "{name}");
        assert!(!node.has_postgres(), "{name}");
    }
}

/// Fills a pipe, so that a further write waits for its reader.
fn fill(pipe: &io::PipeWriter) {
    let flags = fcntl_getfl(pipe).unwrap();
    fcntl_setfl(pipe, flags | OFlags::NONBLOCK).unwrap();
    let mut pipe_end = pipe;
    while pipe_end.write(b"x").is_ok() {}
    fcntl_setfl(pipe, flags).unwrap();
}

#[test]
fn a_server_whose_log_is_not_read_goes_on_serving() {
    let node = Node::new();
    let (mut reader, writer) = io::pipe().unwrap();
    fill(&writer);
    let server = serve(&node, Stdio::null(), writer.into());
    // At the level `trace` each request writes many lines.
    for _ in 0..200 {
        assert_eq!(server.get("/login"), 200);
    }
    assert_eq!(server.get("/readyz"), 200);
    assert_eq!(server.terminate().0.code(), Some(0), "in spite of its log");
    assert!(!node.has_postgres());
    let mut log = Vec::new();
    reader.read_to_end(&mut log).unwrap();
    assert!(log.starts_with(b"xxx"));
}

fn code(command: &mut Command) -> Option<i32> {
    command.status().unwrap().code()
}

#[test]
fn a_command_that_cannot_write_fails_and_says_so() {
    let node = Node::new();
    for line in ["config print", "--help", "db create acme --admin-login ada"] {
        let output = node
            .command(line)
            .stdout(full())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{line}: {output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("No space left on device"), "{line}: {said}");
    }
    for (name, way) in WAYS {
        let fails = |line: &str| code(node.command(line).stdout(way()).stderr(way()));
        assert_eq!(fails("config print"), Some(1), "{name}");
        assert_eq!(fails("db list"), Some(1), "{name}");
        assert_eq!(fails("fly"), Some(2), "{name}");
        assert!(!node.has_postgres(), "{name}");
    }
}

#[test]
fn a_one_time_password_that_was_not_seen_is_said_to_be_lost() {
    let node = Node::new();
    for (name, way) in WAYS {
        let output = node
            .command(&format!("db create {name} --admin-login ada"))
            .stdout(way())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert!(
            said.contains("the one-time password was set but cannot be shown"),
            "{name}: {said}"
        );
    }
}
