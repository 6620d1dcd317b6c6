//! A browser that is logged in and asks real servers: any of them, with the same cookies.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

use super::{ADA, PASSWORD};

/// Only a test that fails waits that long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Answered with the list to a live session, and 401 to any other.
pub const LIST: &str = "/api/list_devices";

/// The cookies of a browser.
#[derive(Clone)]
pub struct Visitor {
    cookies: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    body: String,
}

impl Visitor {
    /// Nobody yet.
    pub fn stranger() -> Self {
        Self {
            cookies: String::new(),
        }
    }

    /// Ada in another browser.
    #[track_caller]
    pub fn logged_in(address: &str) -> Self {
        let answer = Self::stranger().log_in(address);
        assert_eq!(answer.status, 200, "{answer:?}");
        let pairs = answer.cookies().filter_map(|line| line.split(';').next());
        Self {
            cookies: pairs.collect::<Vec<_>>().join("; "),
        }
    }

    pub fn log_in(&self, address: &str) -> Answer {
        let fields = format!("login={ADA}&password={}", PASSWORD.replace(' ', "+"));
        self.post(address, "/api/log_in", &fields)
    }

    /// Follows a link, or asks as a script does.
    pub fn get(&self, address: &str, path: &str) -> Answer {
        self.ask(address, &format!("GET {path} HTTP/1.1"), "", "")
    }

    /// Ends a session of the same person.
    pub fn revoke(&self, address: &str, id: &str) -> Answer {
        self.post(address, "/api/revoke_device", &format!("id={id}"))
    }

    /// The public id of the own session: it comes first.
    #[track_caller]
    pub fn id(&self, address: &str) -> String {
        let list: Value = serde_json::from_str(&self.get(address, LIST).body).unwrap();
        list.pointer("/0/id")
            .and_then(Value::as_str)
            .unwrap()
            .to_owned()
    }

    /// Opens the stream of events; returns when it has said how things are.
    pub fn listen(&self, address: &str) -> Stream {
        let mut stream = Stream(BufReader::new(connect(address)));
        let head = self.head(
            "GET /api/session_events HTTP/1.1",
            "Accept: text/event-stream",
        );
        stream.0.get_mut().write_all(head.as_bytes()).unwrap();
        stream.hear("devices");
        stream
    }

    fn post(&self, address: &str, path: &str, fields: &str) -> Answer {
        let more = format!(
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}",
            fields.len()
        );
        self.ask(address, &format!("POST {path} HTTP/1.1"), &more, fields)
    }

    fn ask(&self, address: &str, line: &str, more: &str, body: &str) -> Answer {
        let mut stream = connect(address);
        let head = self.head(line, more);
        stream.write_all((head + body).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    fn head(&self, line: &str, more: &str) -> String {
        let accept = if line.contains("/api/") {
            "application/json"
        } else {
            "text/html"
        };
        let more = if more.is_empty() {
            format!("Accept: {accept}")
        } else {
            more.to_owned()
        };
        format!(
            "{line}\r\nHost: localhost\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\n\
            Cookie: {}\r\n{more}\r\n\r\n",
            self.cookies
        )
    }
}

impl Answer {
    /// What it sets.
    pub fn cookies(&self) -> impl Iterator<Item = &str> {
        let lines = self.head.lines();
        lines.filter_map(|line| line.strip_prefix("set-cookie: "))
    }
}

/// An open stream of events.
pub struct Stream(BufReader<TcpStream>);

impl Stream {
    /// Returns at the next event of that name.
    #[track_caller]
    pub fn hear(&mut self, event: &str) {
        let wanted = format!("event: {event}");
        let mut line = String::new();
        while line.trim_end() != wanted {
            line.clear();
            assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "the stream ended");
        }
    }
}

fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}
