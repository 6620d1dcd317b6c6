//! A person who does everything in many browsers at both servers, and records the answers.

use std::{sync::Arc, thread};

use super::{
    CallOff, Counts, PAUSE, World,
    dice::Dice,
    look::{LOOKS, token},
    record::{Life, Outcome, Passwords, Session},
};
use crate::faults::visitor::{Answer, Visitor};

/// The largest number of sessions of a person.
const MOST_SESSIONS: usize = 6;

pub struct Client<'a> {
    world: &'a World<'a>,
    login: String,
    passwords: Passwords,
    dice: Dice,
    /// The sessions that may be live.
    sessions: Vec<Arc<Session>>,
    /// Whether the last sensitive action was refused because it needs the password.
    must_confirm: bool,
}

impl<'a> Client<'a> {
    pub fn new(world: &'a World<'a>, login: String, passwords: Passwords, dice: Dice) -> Self {
        Self {
            world,
            login,
            passwords,
            dice,
            sessions: Vec::new(),
            must_confirm: false,
        }
    }

    /// Acts until the test is over. Returns the login and the record of the passwords.
    pub fn run(mut self) -> (String, Passwords) {
        let _stop = CallOff(self.world);
        while !self.world.nodes.tallies.is_over() {
            self.act();
            thread::sleep(PAUSE);
        }
        (self.login, self.passwords)
    }

    fn act(&mut self) {
        self.sessions
            .retain(|session| session.life() != Life::Ended);
        let node = self.dice.below(2);
        let act = self.dice.below(100);
        let (Some(me), Some(other)) = self.two_sessions() else {
            return self.log_in(node, None);
        };
        match act {
            _ if self.sessions.len() > MOST_SESSIONS => self.end_others(&me, node),
            0..20 => self.log_in(node, None),
            20..50 => self.look(&me, node),
            50..65 => drop(self.revoke(&me, &other, node)),
            65..69 => self.end_others(&me, node),
            69..78 => self.log_out(&me, node),
            78..87 => self.change_password(&me, node),
            87..91 => self.log_in(node, Some(&me)),
            91..98 => self.revoke_a_listener(&me, &other, node),
            _ => self.try_former_password(node),
        }
    }

    /// Two different sessions, if there are two.
    fn two_sessions(&mut self) -> (Option<Arc<Session>>, Option<Arc<Session>>) {
        self.dice.shuffle(&mut self.sessions);
        (
            self.sessions.first().cloned(),
            self.sessions.get(1).cloned(),
        )
    }

    fn look(&mut self, session: &Session, node: usize) {
        let look = *self.dice.one_of(&LOOKS).unwrap();
        self.world.look_with_own(session, node, look);
    }

    /// Logs in, in a new browser or in the browser of a session.
    fn log_in(&mut self, node: usize, replaced: Option<&Arc<Session>>) {
        let candidates = self.passwords.candidates();
        let password = self.dice.one_of(&candidates).unwrap();
        self.log_in_with(password, node, replaced);
    }

    fn try_former_password(&mut self, node: usize) {
        if let Some(password) = self.dice.one_of(self.passwords.former()).cloned() {
            self.log_in_with(&password, node, None);
        }
    }

    fn log_in_with(&mut self, password: &str, node: usize, replaced: Option<&Arc<Session>>) {
        let visitor = replaced.map_or_else(Visitor::stranger, |session| session.browser());
        let ending: Vec<_> = replaced.into_iter().cloned().collect();
        let fields = format!("login={}&password={password}", self.login);
        for session in &ending {
            session.end_begins();
        }
        let answer = self.send(&visitor, node, "/api/log_in", &fields);
        let outcome = match answer.as_ref().map(|answer| answer.status) {
            Some(200) => {
                self.passwords.accepted(password).unwrap();
                Outcome::Done
            }
            Some(401) => {
                self.passwords.refused(password).unwrap();
                Outcome::Refused
            }
            Some(429) => self.throttled(),
            Some(503) | None => Outcome::Unknown,
            Some(_) => panic!("{answer:?}"),
        };
        self.ended(&ending, outcome);
        if let (Outcome::Done, Some(answer)) = (outcome, answer) {
            Counts::add(&self.world.counts.log_ins);
            let session = Session::opened(&self.login, token(&answer).unwrap());
            self.world
                .sessions
                .lock()
                .unwrap()
                .push(Arc::clone(&session));
            self.sessions.push(session);
        }
    }

    fn revoke(&mut self, me: &Session, other: &Arc<Session>, node: usize) -> Outcome {
        let Some(id) = self.world.id(other, node) else {
            return Outcome::Refused;
        };
        let fields = format!("id={id}{}", self.confirmation());
        self.end(
            me,
            std::slice::from_ref(other),
            node,
            "/api/revoke_device",
            &fields,
        )
    }

    fn end_others(&mut self, me: &Arc<Session>, node: usize) {
        let fields = self.confirmation();
        self.end(
            me,
            &self.others(me),
            node,
            "/api/revoke_other_devices",
            &fields,
        );
    }

    fn change_password(&mut self, me: &Arc<Session>, node: usize) {
        let Some(current) = self.passwords.settled().cloned() else {
            return self.log_in(node, None);
        };
        let new = self.dice.password();
        let mut fields =
            format!("current_password={current}&new_password={new}&repeated_password={new}");
        let mut others = Vec::new();
        if self.dice.percent(50) {
            fields += "&end_other_sessions=on";
            others = self.others(me);
        }
        let outcome = self.end(me, &others, node, "/api/change_password", &fields);
        let counts = &self.world.counts;
        match outcome {
            Outcome::Done => Counts::add(&counts.password_changes),
            Outcome::Unknown => Counts::add(&counts.unknown_password_changes),
            Outcome::Refused => {}
        }
        self.passwords.change_answered(&new, outcome);
    }

    fn log_out(&mut self, me: &Arc<Session>, node: usize) {
        me.end_begins();
        let answer = self.send(&me.browser(), node, "/api/log_out", "");
        let outcome = match answer.as_ref().map(|answer| answer.status) {
            Some(200) => Outcome::Done,
            Some(503) | None => Outcome::Unknown,
            Some(_) => panic!("{answer:?}"),
        };
        self.ended(std::slice::from_ref(me), outcome);
    }

    /// Opens a stream at one server, and revokes its session at the other. The stream must report the end.
    fn revoke_a_listener(&mut self, me: &Session, other: &Arc<Session>, node: usize) {
        let world = self.world;
        let listen = |address: &str| {
            let Some(mut stream) = other.browser().try_listen(address)? else {
                return Ok(None);
            };
            if self.revoke(me, other, 1 - node) != Outcome::Done {
                return Ok(None);
            }
            stream.try_hear("ended").map(Some)
        };
        if world.nodes.ask(node, listen, |_| true) == Some(Some(())) {
            Counts::add(&world.counts.told);
        }
    }

    /// Runs an action that ends these sessions.
    fn end(
        &mut self,
        me: &Session,
        ending: &[Arc<Session>],
        node: usize,
        path: &str,
        fields: &str,
    ) -> Outcome {
        for session in ending {
            session.end_begins();
        }
        let before = me.life();
        let answer = self.send(&me.browser(), node, path, fields);
        let outcome = match answer.as_ref().map(|answer| (answer.status, &answer.body)) {
            Some((200, _)) => {
                me.seen(before, true).unwrap();
                Outcome::Done
            }
            Some((401, _)) => {
                me.seen(before, false).unwrap();
                Outcome::Refused
            }
            Some((403, body)) if body.contains("ConfirmationRequired") => {
                Counts::add(&self.world.counts.confirmations_required);
                self.must_confirm = true;
                Outcome::Refused
            }
            Some((422, body)) if body.contains("WrongPassword") => {
                let current = self.passwords.settled().cloned();
                self.passwords.refused(&current.unwrap()).unwrap();
                Outcome::Refused
            }
            Some((429, _)) => self.throttled(),
            Some((503, _)) | None => Outcome::Unknown,
            Some(_) => panic!("{path}: {answer:?}"),
        };
        if let Some(token) = answer.as_ref().and_then(token) {
            me.replace_token(token);
        }
        self.ended(ending, outcome);
        outcome
    }

    /// Records the fate of these sessions. If they have ended, both servers must refuse them at once.
    fn ended(&mut self, sessions: &[Arc<Session>], outcome: Outcome) {
        let counts = &self.world.counts;
        for session in sessions {
            session.end_answered(outcome).unwrap();
            match outcome {
                Outcome::Done => Counts::add(&counts.ends),
                Outcome::Unknown => Counts::add(&counts.unknown_ends),
                Outcome::Refused => {}
            }
        }
        if outcome == Outcome::Done {
            for session in sessions {
                self.world.replay(session, 0, &mut self.dice);
                self.world.replay(session, 1, &mut self.dice);
            }
        }
    }

    fn send(&self, visitor: &Visitor, node: usize, path: &str, fields: &str) -> Option<Answer> {
        let send = |address: &str| visitor.post(address, path, fields);
        self.world.answered(self.world.nodes.get(node, send))
    }

    fn others(&self, me: &Arc<Session>) -> Vec<Arc<Session>> {
        let all = self.sessions.iter();
        all.filter(|session| !Arc::ptr_eq(session, me))
            .cloned()
            .collect()
    }

    /// The password as a further field of a form: sometimes, and always if the server asked for it.
    fn confirmation(&mut self) -> String {
        match self.passwords.settled() {
            Some(password) if self.must_confirm || self.dice.percent(20) => {
                self.must_confirm = false;
                format!("&password={password}")
            }
            _ => String::new(),
        }
    }

    fn throttled(&self) -> Outcome {
        Counts::add(&self.world.counts.throttled);
        Outcome::Refused
    }
}
