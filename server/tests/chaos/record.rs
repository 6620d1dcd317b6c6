//! The test's knowledge from the answers so far: which sessions are live, and which password counts.
//!
//! A request that was answered 503, or not at all, may have taken effect, or may still do so. Its effect is unknown
//! until another answer shows it.

use std::sync::{Arc, Mutex};

use crate::faults::visitor::Visitor;

/// The answer to an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The action was done.
    Done,
    /// The action was not done.
    Refused,
    /// The action was done, was not done, or may still be done.
    Unknown,
}

/// The known state of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// The log-in was answered, and no request has tried to end the session.
    Live,
    /// A request that ends the session is under way or was not answered.
    Unknown,
    /// The request that ends the session was answered, or another answer has shown the end.
    Ended,
}

/// A description of a broken promise.
pub type Broken = &'static str;

/// A session whose log-in was answered. Several threads send requests with its tokens, and one thread ends it.
pub struct Session {
    pub login: String,
    state: Mutex<State>,
}

struct State {
    /// The tokens as cookies, the newest last.
    tokens: Vec<String>,
    id: Option<String>,
    end_is_under_way: bool,
    may_have_ended: bool,
    has_ended: bool,
}

impl Session {
    pub fn opened(login: &str, token: String) -> Arc<Self> {
        Arc::new(Self {
            login: login.to_owned(),
            state: Mutex::new(State {
                tokens: vec![token],
                id: None,
                end_is_under_way: false,
                may_have_ended: false,
                has_ended: false,
            }),
        })
    }

    pub fn life(&self) -> Life {
        self.state.lock().unwrap().life()
    }

    /// The session's own token and the tokens that it has replaced.
    pub fn tokens(&self) -> Vec<String> {
        self.state.lock().unwrap().tokens.clone()
    }

    /// A browser that has the session's newest token.
    pub fn browser(&self) -> Visitor {
        Visitor::with_cookies(self.tokens().last().unwrap())
    }

    pub fn replace_token(&self, token: String) {
        self.state.lock().unwrap().tokens.push(token);
    }

    /// The public id, if it was read already.
    pub fn id(&self) -> Option<String> {
        self.state.lock().unwrap().id.clone()
    }

    pub fn set_id(&self, id: String) {
        self.state.lock().unwrap().id = Some(id);
    }

    /// Notes that a request that ends the session is about to be sent.
    pub fn end_begins(&self) {
        self.state.lock().unwrap().end_is_under_way = true;
    }

    /// Notes the answer to that request.
    pub fn end_answered(&self, outcome: Outcome) -> Result<(), Broken> {
        let mut state = self.state.lock().unwrap();
        state.end_is_under_way = false;
        match outcome {
            Outcome::Done => state.has_ended = true,
            Outcome::Unknown => state.may_have_ended = true,
            Outcome::Refused if state.has_ended && !state.may_have_ended => {
                return Err("a session ended although its end was refused");
            }
            Outcome::Refused => {}
        }
        Ok(())
    }

    /// Notes that an answer showed whether the session is live. `before` is the known state before the request.
    pub fn seen(&self, before: Life, is_live: bool) -> Result<(), Broken> {
        let mut state = self.state.lock().unwrap();
        match (is_live, before, state.life()) {
            (true, Life::Ended, _) => Err("a session was let in after its end"),
            (false, _, Life::Live) => Err("a live session was refused"),
            (false, _, Life::Unknown) => {
                state.has_ended = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl State {
    fn life(&self) -> Life {
        if self.has_ended {
            Life::Ended
        } else if self.may_have_ended || self.end_is_under_way {
            Life::Unknown
        } else {
            Life::Live
        }
    }
}

/// The passwords of a user.
#[derive(Clone, Debug)]
pub struct Passwords {
    /// The password that counts unless an unanswered change takes effect. `None` if an unanswered change took effect.
    settled: Option<String>,
    /// The passwords of those unanswered changes. Each change starts from `settled`, so at most one takes effect.
    perhaps: Vec<String>,
    /// The passwords that no longer count.
    former: Vec<String>,
}

impl Passwords {
    pub fn new(first: &str) -> Self {
        Self {
            settled: Some(first.to_owned()),
            perhaps: Vec::new(),
            former: Vec::new(),
        }
    }

    /// The password that certainly counts.
    pub fn known(&self) -> Option<&String> {
        self.settled.as_ref().filter(|_| self.perhaps.is_empty())
    }

    /// The password that a change starts from.
    pub fn settled(&self) -> Option<&String> {
        self.settled.as_ref()
    }

    /// All passwords that may count.
    pub fn candidates(&self) -> Vec<String> {
        self.settled.iter().chain(&self.perhaps).cloned().collect()
    }

    pub fn former(&self) -> &[String] {
        &self.former
    }

    /// Notes the answer to a change from the settled password.
    pub fn change_answered(&mut self, new: &str, outcome: Outcome) {
        match outcome {
            Outcome::Done => self.settle(new),
            Outcome::Unknown => self.perhaps.push(new.to_owned()),
            Outcome::Refused => {}
        }
    }

    /// Notes that an answer showed that this is the password.
    pub fn accepted(&mut self, password: &str) -> Result<(), Broken> {
        if self.settled.as_deref() == Some(password) {
            return Ok(());
        }
        if !self.perhaps.iter().any(|one| one == password) {
            return Err("a password was accepted that counts no more");
        }
        self.settle(password);
        Ok(())
    }

    /// Notes that an answer showed that this is not the password, or not yet.
    pub fn refused(&mut self, password: &str) -> Result<(), Broken> {
        if self.settled.as_deref() == Some(password) {
            self.settled = None;
            self.former.push(password.to_owned());
        } else if self.settled.is_none() {
            self.perhaps.retain(|one| one != password);
        }
        match (self.settled.is_none(), self.perhaps.as_slice()) {
            (true, []) => Err("the password that counts was refused"),
            (true, [only]) => {
                self.settled = Some(only.clone());
                self.perhaps.clear();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn settle(&mut self, password: &str) {
        let candidates = self.candidates();
        let others = candidates.into_iter().filter(|one| one != password);
        self.former.extend(others);
        self.settled = Some(password.to_owned());
        self.perhaps.clear();
    }
}

mod tests {
    use super::*;

    fn session() -> Arc<Session> {
        Session::opened("ada", String::new())
    }

    #[test]
    fn an_end_that_was_answered_is_final() {
        let session = session();
        session.end_begins();
        let under_way = session.life();
        assert_eq!(under_way, Life::Unknown);
        session.end_answered(Outcome::Done).unwrap();
        assert!(session.seen(Life::Ended, true).is_err());
        assert!(session.seen(Life::Ended, false).is_ok());
        // The request was sent before the end was answered.
        assert!(session.seen(under_way, true).is_ok());
    }

    #[test]
    fn a_live_session_is_refused_only_if_its_end_was_tried() {
        let session = session();
        assert!(session.seen(Life::Live, true).is_ok());
        assert!(session.seen(Life::Live, false).is_err());
        session.end_begins();
        assert!(session.seen(Life::Live, false).is_ok());
        assert!(session.end_answered(Outcome::Refused).is_err());
    }

    #[test]
    fn an_unanswered_end_is_unknown_until_an_answer_shows_it() {
        let session = session();
        session.end_begins();
        session.end_answered(Outcome::Unknown).unwrap();
        assert!(session.seen(Life::Unknown, true).is_ok());
        assert_eq!(session.life(), Life::Unknown);
        assert!(session.seen(Life::Unknown, false).is_ok());
        assert_eq!(session.life(), Life::Ended);
        assert!(session.seen(Life::Ended, true).is_err());
    }

    #[test]
    fn a_refused_end_leaves_a_session_live() {
        let session = session();
        session.end_begins();
        session.end_answered(Outcome::Refused).unwrap();
        assert_eq!(session.life(), Life::Live);
    }

    #[test]
    fn an_unanswered_change_leaves_two_passwords_until_one_is_accepted() {
        let mut passwords = Passwords::new("one");
        passwords.change_answered("two", Outcome::Unknown);
        assert_eq!(passwords.known(), None);
        // The change may take effect later.
        passwords.refused("two").unwrap();
        passwords.accepted("one").unwrap();
        assert_eq!(passwords.candidates(), ["one", "two"]);
        passwords.accepted("two").unwrap();
        assert_eq!(passwords.known().unwrap(), "two");
        assert!(passwords.accepted("one").is_err());
        assert!(passwords.refused("two").is_err());
    }

    #[test]
    fn the_old_password_refused_settles_the_new_one() {
        let mut passwords = Passwords::new("one");
        passwords.change_answered("two", Outcome::Unknown);
        passwords.change_answered("three", Outcome::Unknown);
        passwords.refused("one").unwrap();
        passwords.refused("three").unwrap();
        assert_eq!(passwords.known().unwrap(), "two");
    }

    #[test]
    fn an_answered_change_leaves_one_password() {
        let mut passwords = Passwords::new("one");
        passwords.change_answered("two", Outcome::Unknown);
        passwords.change_answered("three", Outcome::Done);
        assert_eq!(passwords.known().unwrap(), "three");
        assert_eq!(passwords.former(), ["one", "two"]);
        assert!(passwords.accepted("two").is_err());
    }
}
