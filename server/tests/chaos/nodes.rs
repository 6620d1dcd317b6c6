//! Two servers on one PostgreSQL, each behind its own proxy, and their answers.

use std::{io, os::unix::process::ExitStatusExt as _, sync::Mutex, thread};

use latchkey_core::testing::Proxy;
use rustix::process::Signal;

use super::{PAUSE, tally::Tallies};
use crate::{
    faults::visitor::Answer,
    program::{Node, Server},
};

pub struct Nodes<'a> {
    /// The folder of both servers and of PostgreSQL.
    pub node: &'a Node,
    hosts: [Host; 2],
    /// The tallies of their answers.
    pub tallies: Tallies,
}

/// One of the two machines.
struct Host {
    proxy: Proxy,
    server: Mutex<Option<Server>>,
    door: Mutex<Door>,
}

/// The address and state of a server.
#[derive(Clone)]
struct Door {
    address: String,
    standing: Standing,
    /// The number of changes of `standing`.
    changes: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Up,
    /// The server was told to end.
    Ending,
    Down,
}

impl<'a> Nodes<'a> {
    /// Starts servers that reach PostgreSQL through these proxies.
    pub fn start_both(node: &'a Node, proxies: [Proxy; 2]) -> Self {
        let hosts = proxies.map(|proxy| Host {
            proxy,
            server: Mutex::default(),
            door: Mutex::new(Door {
                address: String::new(),
                standing: Standing::Down,
                changes: 0,
            }),
        });
        let nodes = Self {
            node,
            hosts,
            tallies: Tallies::new(),
        };
        nodes.start(0);
        nodes.start(1);
        nodes
    }

    pub fn proxy(&self, number: usize) -> &Proxy {
        &self.hosts[number].proxy
    }

    pub fn start(&self, number: usize) {
        let host = &self.hosts[number];
        let port = host.proxy.port();
        let url = format!("postgres://latchkey@127.0.0.1:{port}/postgres?sslmode=disable");
        let mut command = self.node.command("serve");
        command.env("LATCHKEY__DATABASE__URL", url);
        let server = Server::start(command);
        let address = server.address.clone();
        *host.server.lock().unwrap() = Some(server);
        host.door.lock().unwrap().turn(Standing::Up, Some(address));
    }

    /// Ends a server, and checks that it had not ended by itself and that its log has no errors.
    pub fn end(&self, number: usize, signal: Signal) {
        let host = &self.hosts[number];
        host.door.lock().unwrap().turn(Standing::Ending, None);
        let server = host.server.lock().unwrap().take().unwrap();
        let (status, log) = server.end(signal);
        host.door.lock().unwrap().turn(Standing::Down, None);
        let (wanted, got) = match signal {
            Signal::KILL => (Some(Signal::KILL.as_raw()), status.signal()),
            _ => (Some(0), status.code()),
        };
        assert_eq!(got, wanted, "node {number}: {status}\n{log}");
        log.lines().for_each(look_at);
    }

    pub fn signal(&self, number: usize, signal: Signal) {
        let server = self.hosts[number].server.lock().unwrap();
        server.as_ref().unwrap().signal(signal);
    }

    /// Sends a request to a server; `None` if the server did not answer. That is allowed only if the server ends
    /// meanwhile.
    pub fn ask<T>(
        &self,
        number: usize,
        ask: impl FnOnce(&str) -> io::Result<T>,
        is_good: impl FnOnce(&T) -> bool,
    ) -> Option<T> {
        let door = self.hosts[number].door.lock().unwrap().clone();
        let start = self.tallies.send(number);
        if door.standing == Standing::Down {
            thread::sleep(PAUSE);
            self.tallies.count(number, start, false);
            return None;
        }
        let answer = ask(&door.address);
        if let Err(error) = &answer {
            let now = self.hosts[number].door.lock().unwrap().clone();
            let may_end = door.standing == Standing::Ending || now.changes != door.changes;
            let took = start.elapsed();
            assert!(may_end, "node {number} did not answer: {error}, {took:?}");
        }
        let answer = answer.ok();
        self.tallies
            .count(number, start, answer.as_ref().is_some_and(is_good));
        answer
    }

    /// Sends a request like [`Self::ask`]. While PostgreSQL is away, the answer must say when to try again, and must
    /// not remove a cookie.
    pub fn get(
        &self,
        number: usize,
        ask: impl FnOnce(&str) -> io::Result<Answer>,
    ) -> Option<Answer> {
        let answer = self.ask(number, ask, |answer| answer.status != 503)?;
        if answer.status == 503 {
            assert!(answer.header("retry-after").is_some(), "{answer:?}");
            let is_removed = |line: &str| line.contains("Max-Age=0");
            assert!(!answer.cookies().any(is_removed), "{answer:?}");
        }
        Some(answer)
    }

    /// Checks the lines that both servers have logged since the last check.
    pub fn look_at_logs(&self) {
        for host in &self.hosts {
            let server = host.server.lock().unwrap();
            let lines = server.iter().flat_map(Server::logged);
            lines.for_each(|line| look_at(&line));
        }
    }
}

impl Door {
    fn turn(&mut self, standing: Standing, address: Option<String>) {
        self.standing = standing;
        self.changes += 1;
        self.address = address.unwrap_or_else(|| self.address.clone());
    }
}

/// Checks a line of a log. A fault of PostgreSQL must not be logged as an error, except by sqlx, which cannot tell.
fn look_at(line: &str) {
    let is_ours = line.contains(" ERROR ") && !line.contains("sqlx_core::pool");
    assert!(!is_ours, "{line}");
}
