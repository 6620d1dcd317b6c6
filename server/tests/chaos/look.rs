//! Asks servers whether a token's session is live, and compares the answer with the record.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Counts, World,
    dice::Dice,
    record::{Life, Passwords, Session},
};
use crate::faults::visitor::{Answer, LIST, Visitor};

/// The longest wait, which only a failing test reaches.
const PATIENCE: Duration = Duration::from_mins(1);

/// The number of former passwords that are tried at the end.
const FORMER: usize = 2;

/// A page or function that a logged-in person looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Home,
    Devices,
    List,
    OwnSession,
}

pub const LOOKS: [Look; 4] = [Look::Home, Look::Devices, Look::List, Look::OwnSession];

impl Look {
    fn path(self) -> &'static str {
        match self {
            Self::Home => "/",
            Self::Devices => "/profile/devices",
            Self::List => LIST,
            Self::OwnSession => "/api/current_session",
        }
    }

    /// Whether the answer shows a live session; `None` if PostgreSQL was away.
    fn is_live(self, answer: &Answer) -> Option<bool> {
        match (self, answer.status) {
            (_, 503) => None,
            (Self::OwnSession, 200) => Some(answer.body != "null"),
            (_, 200) => Some(true),
            (Self::List, 401) | (Self::Home | Self::Devices, 303) => Some(false),
            _ => panic!("{self:?}: {answer:?}"),
        }
    }
}

impl World<'_> {
    /// Looks as the session's owner, whose browser keeps a new token.
    pub fn look_with_own(&self, session: &Session, node: usize, look: Look) -> Option<bool> {
        let before = session.life();
        let visitor = session.browser();
        let answer = self
            .nodes
            .get(node, |address| visitor.ask(address, look.path()));
        let answer = self.answered(answer)?;
        if let Some(token) = token(&answer) {
            session.replace_token(token);
        }
        compare(session, before, look, &answer)
    }

    /// Looks as an open page does by itself.
    pub fn look_in_background(&self, session: &Session, node: usize) {
        let before = session.life();
        let visitor = session.browser();
        let path = Look::OwnSession.path();
        let ask = |address: &str| visitor.ask_in_background(address, path);
        if let Some(answer) = self.answered(self.nodes.get(node, ask)) {
            compare(session, before, Look::OwnSession, &answer);
        }
    }

    /// Looks as a thief who has one of the session's tokens.
    pub fn replay(&self, session: &Session, node: usize, dice: &mut Dice) -> Option<bool> {
        Counts::add(&self.counts.replays);
        let before = session.life();
        let tokens = session.tokens();
        let visitor = Visitor::with_cookies(dice.one_of(&tokens).unwrap());
        let look = *dice.one_of(&LOOKS).unwrap();
        let answer = self
            .nodes
            .get(node, |address| visitor.ask(address, look.path()));
        compare(session, before, look, &self.answered(answer)?)
    }

    /// The public id of a session. A server is asked for an id that is not known yet.
    pub fn id(&self, session: &Session, node: usize) -> Option<String> {
        if session.id().is_none() {
            let before = session.life();
            let visitor = session.browser();
            let ask = |address: &str| visitor.ask_in_background(address, LIST);
            let answer = self.answered(self.nodes.get(node, ask))?;
            if let Some(token) = token(&answer) {
                session.replace_token(token);
            }
            if compare(session, before, Look::List, &answer)? {
                session.set_id(first_id(&answer));
            }
        }
        session.id()
    }

    pub fn answered(&self, answer: Option<Answer>) -> Option<Answer> {
        let counts = &self.counts;
        Counts::add(match &answer {
            Some(answer) if answer.status != 503 => &counts.answers,
            _ => &counts.unanswered,
        });
        answer
    }

    /// Checks after the recovery that the record is true at both servers.
    pub fn check_all(&self, users: Vec<(String, Passwords)>) {
        let sessions = self.sessions.lock().unwrap().clone();
        for session in &sessions {
            self.check(session);
        }
        for (login, passwords) in users {
            self.check_passwords(&login, &passwords);
        }
    }

    fn check(&self, session: &Arc<Session>) {
        let tokens = session.tokens();
        if session.life() == Life::Ended {
            for token in &tokens {
                let visitor = Visitor::with_cookies(token);
                let look = |node| {
                    until_told(|| self.nodes.get(node, |address| visitor.ask(address, LIST)))
                };
                assert_eq!([0, 1].map(|node| look(node).status), [401, 401]);
            }
            return;
        }
        let look = |node| {
            let is_live = || self.look_with_own(session, node, Look::List);
            until_told(is_live)
        };
        let told = [0, 1, 0].map(look);
        assert!(
            told == [true; 3] || told == [false; 3],
            "servers differ: {told:?}"
        );
    }

    fn check_passwords(&self, login: &str, passwords: &Passwords) {
        let is_right = |password: &String, node| {
            let fields = format!("login={login}&password={password}");
            let try_it = |address: &str| Visitor::stranger().post(address, "/api/log_in", &fields);
            until_told(|| match self.nodes.get(node, try_it)?.status {
                200 => Some(true),
                401 => Some(false),
                429 | 503 => None,
                status => panic!("{status}"),
            })
        };
        for node in [0, 1] {
            let candidates = passwords.candidates();
            let right = candidates
                .iter()
                .filter(|password| is_right(password, node));
            assert_eq!(right.count(), 1, "{login} at node {node}: {passwords:?}");
            for former in passwords.former().iter().rev().take(FORMER) {
                assert!(
                    !is_right(former, node),
                    "{login} at node {node}: {passwords:?}"
                );
            }
        }
    }
}

/// Asks until there is an answer, because a request may have to wait on a busy machine.
fn until_told<T>(ask: impl Fn() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(told) = ask() {
            return told;
        }
        assert!(start.elapsed() < PATIENCE, "no watcher was told");
    }
}

/// Compares an answer with the record, and checks that no page shows another person.
fn compare(session: &Session, before: Life, look: Look, answer: &Answer) -> Option<bool> {
    let is_live = look.is_live(answer)?;
    if is_live && look != Look::List {
        assert!(answer.body.contains(&session.login), "{look:?}: {answer:?}");
    }
    if let Err(broken) = session.seen(before, is_live) {
        panic!("{broken}: {look:?}, {before:?}: {answer:?}");
    }
    Some(is_live)
}

fn first_id(answer: &Answer) -> String {
    let list: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let id = list.pointer("/0/id").and_then(serde_json::Value::as_str);
    id.unwrap().to_owned()
}

/// The cookie that gives a browser a token.
pub fn token(answer: &Answer) -> Option<String> {
    let mut pairs = answer
        .cookies()
        .filter_map(|line| line.split(';').next()?.split_once('='));
    pairs
        .find(|(name, value)| *name == "latchkey-session-acme" && !value.is_empty())
        .map(|(name, value)| format!("{name}={value}"))
}
