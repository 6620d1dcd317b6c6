//! A logged-in browser, which sends its cookies to any of several real servers.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{ADA, PASSWORD};

/// The longest wait, which only a failing test reaches.
const PATIENCE: Duration = Duration::from_mins(1);

/// A function that answers a live session with the list of devices, and any other with 401.
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
    pub body: String,
}

impl Visitor {
    /// A browser that sends these cookies.
    pub fn with_cookies(cookies: &str) -> Self {
        Self {
            cookies: cookies.to_owned(),
        }
    }

    /// A browser without cookies.
    pub fn stranger() -> Self {
        Self {
            cookies: String::new(),
        }
    }

    /// A browser in which Ada has just logged in.
    #[track_caller]
    pub fn logged_in(address: &str) -> Self {
        let answer = Self::stranger().log_in(address);
        assert_eq!(answer.status, 200, "{answer:?}");
        let pairs = answer.cookies().filter_map(|line| line.split(';').next());
        Self::with_cookies(&pairs.collect::<Vec<_>>().join("; "))
    }

    pub fn log_in(&self, address: &str) -> Answer {
        let fields = format!("login={ADA}&password={}", PASSWORD.replace(' ', "+"));
        self.post(address, "/api/log_in", &fields).unwrap()
    }

    /// Sends a `GET` request, which must be answered.
    pub fn get(&self, address: &str, path: &str) -> Answer {
        self.ask(address, path).unwrap()
    }

    /// Sends a `GET` request to a server that may be gone.
    pub fn ask(&self, address: &str, path: &str) -> io::Result<Answer> {
        self.send(address, &format!("GET {path} HTTP/1.1"), "", "")
    }

    /// Sends a request as an open page does by itself, which is no activity of the person.
    pub fn ask_in_background(&self, address: &str, path: &str) -> io::Result<Answer> {
        let more = "Accept: application/json\r\nX-Latchkey-Background: 1";
        self.send(address, &format!("GET {path} HTTP/1.1"), more, "")
    }

    /// Ends a session of the same person.
    pub fn revoke(&self, address: &str, id: &str) -> Answer {
        let fields = format!("id={id}");
        self.post(address, "/api/revoke_device", &fields).unwrap()
    }

    /// The public id of this browser's session, which is the first in the list.
    #[track_caller]
    pub fn id(&self, address: &str) -> String {
        let list: Value = serde_json::from_str(&self.get(address, LIST).body).unwrap();
        list.pointer("/0/id")
            .and_then(Value::as_str)
            .unwrap()
            .to_owned()
    }

    /// Opens the stream of events, and waits until it has reported the present state.
    pub fn listen(&self, address: &str) -> Stream {
        self.try_listen(address).unwrap().unwrap()
    }

    /// Opens the stream of a server that may be gone; `None` if the server refuses.
    pub fn try_listen(&self, address: &str) -> io::Result<Option<Stream>> {
        let mut stream = Stream(BufReader::new(connect(address)?));
        let head = self.head(
            "GET /api/session_events HTTP/1.1",
            "Accept: text/event-stream",
        );
        stream.0.get_mut().write_all(head.as_bytes())?;
        let mut line = String::new();
        stream.0.read_line(&mut line)?;
        if line.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if !line.starts_with("HTTP/1.1 200 ") {
            return Ok(None);
        }
        stream.try_hear("devices")?;
        Ok(Some(stream))
    }

    /// Sends a form, as a script does.
    pub fn post(&self, address: &str, path: &str, fields: &str) -> io::Result<Answer> {
        let more = format!(
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}",
            fields.len()
        );
        self.send(address, &format!("POST {path} HTTP/1.1"), &more, fields)
    }

    fn send(&self, address: &str, line: &str, more: &str, body: &str) -> io::Result<Answer> {
        let mut stream = connect(address)?;
        let head = self.head(line, more);
        stream.write_all((head + body).as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Answer::read(&answer).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
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
    /// Parses an answer; `None` if its end is missing.
    fn read(answer: &str) -> Option<Self> {
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let answer = Self {
            status: head.split(' ').nth(1)?.parse().ok()?,
            head: head.to_owned(),
            body: body.to_owned(),
        };
        let is_whole = match answer.header("content-length") {
            Some(length) => length.parse() == Ok(body.len()),
            None => answer.header("transfer-encoding").is_none() || body.ends_with("0\r\n\r\n"),
        };
        is_whole.then_some(answer)
    }

    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    /// The cookies that the answer sets.
    pub fn cookies(&self) -> impl Iterator<Item = &str> {
        self.headers("set-cookie")
    }

    fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.filter_map(move |(field, value)| (field == name).then_some(value))
    }
}

/// An open stream of events.
pub struct Stream(BufReader<TcpStream>);

impl Stream {
    /// Waits for the next event of this name.
    #[track_caller]
    pub fn hear(&mut self, event: &str) {
        self.try_hear(event).unwrap();
    }

    /// Waits for an event from a server that may be gone.
    pub fn try_hear(&mut self, event: &str) -> io::Result<()> {
        let wanted = format!("event: {event}");
        let start = Instant::now();
        let mut line = String::new();
        while line.trim_end() != wanted {
            if start.elapsed() > PATIENCE {
                return Err(io::ErrorKind::TimedOut.into());
            }
            line.clear();
            if self.0.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }
}

fn connect(address: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}
