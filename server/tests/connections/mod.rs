//! Connections to the whole program that send nothing or little.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::{
    endings::after,
    program::{Node, Server},
};

/// Opens this many connections, which send nothing.
fn silent(server: &Server, many: u64) -> Vec<TcpStream> {
    let limit = getrlimit(Resource::Nofile);
    let needed = many + 256;
    if limit.current.is_some_and(|current| current < needed) {
        let current = Some(needed);
        setrlimit(Resource::Nofile, Rlimit { current, ..limit }).unwrap();
    }
    (0..many)
        .map(|_| TcpStream::connect(&server.address).unwrap())
        .collect()
}

#[test]
fn a_thousand_connections_that_say_nothing_stop_no_other_client() {
    let node = Node::new();
    let server = node.serve();
    let mut held = silent(&server, 1_005);
    assert_eq!(server.get("/login"), 200);
    assert_eq!(server.get("/readyz"), 200);
    // The server has closed the connection that made room.
    let mut rest = Vec::new();
    held.first_mut().unwrap().read_to_end(&mut rest).unwrap();
    assert_eq!(rest, b"");
    assert_eq!(server.terminate().0.code(), Some(0));
}

#[test]
fn where_few_files_may_be_open_there_are_fewer_connections_and_the_log_says_so() {
    let node = Node::new();
    let limited = after("ulimit -n 256", &node, &node.command("serve"));
    let server = Server::start(limited);
    server.wait_for_log("the limit of open files is too low");
    let held = silent(&server, 300);
    assert_eq!(server.get("/login"), 200);
    drop(held);
    assert_eq!(server.terminate().0.code(), Some(0));
}

#[test]
fn a_body_that_comes_byte_by_byte_is_answered_408_and_others_go_on() {
    let node = Node::new();
    let server = node.serve();
    let mut slow = TcpStream::connect(&server.address).unwrap();
    slow.write_all(
        b"POST /api/log_in HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n\
          Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n\
          Content-Length: 1000\r\n\r\n",
    )
    .unwrap();
    // Send a byte whenever nothing has arrived for this time.
    let pace = Duration::from_millis(500);
    slow.set_read_timeout(Some(pace)).unwrap();
    let mut answer = vec![0; 12];
    loop {
        slow.write_all(b"x").unwrap();
        match slow.read_exact(&mut answer) {
            Ok(()) => break,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                assert_eq!(server.get("/login"), 200);
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(answer, b"HTTP/1.1 408");
    assert_eq!(server.terminate().0.code(), Some(0));
}
