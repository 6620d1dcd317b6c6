//! The signals that end the program, and the state that they leave behind.

use std::process::{Command, Stdio};

use rustix::process::Signal;

use crate::program::{Node, Server};

/// The same command, run by a shell after `script`.
pub fn after(script: &str, node: &Node, program: &Command) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{script}; exec \"$@\""), "sh"])
        .arg(program.get_program())
        .args(program.get_args())
        .current_dir(node.path(""))
        .stdin(Stdio::null());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

#[test]
fn a_closed_terminal_stops_the_server_in_order() {
    let node = Node::new();
    for signal in [Signal::HUP, Signal::QUIT, Signal::INT] {
        let (status, log) = node.serve().end(signal);
        assert_eq!(status.code(), Some(0), "{signal:?}: {log}");
        assert!(log.contains("stopping"), "{signal:?}: {log}");
        assert!(!node.has_postgres(), "{signal:?}: {log}");
    }
}

#[test]
fn under_nohup_the_server_outlives_its_terminal() {
    let node = Node::new();
    let server = Server::start(after("trap '' HUP", &node, &node.command("serve")));
    server.signal(Signal::HUP);
    for _ in 0..10 {
        assert_eq!(server.get("/healthz"), 200);
    }
    assert_eq!(server.terminate().0.code(), Some(0));
    assert!(!node.has_postgres());
}
