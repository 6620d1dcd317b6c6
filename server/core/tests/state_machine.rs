//! Random steps in random order: a session is live exactly if a simple model says so.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use latchkey_core::{
    account::OtherSessions,
    client::Client,
    session::{Activity, Caller, Resumed, SessionId, SessionToken},
    settings::{SessionSettings, Settings},
    testing::{self, TestBed, password},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::OffsetDateTime;

const IDLE: Duration = Duration::from_mins(30);
const ABSOLUTE: Duration = Duration::from_hours(3);
const TOUCH: Duration = Duration::from_mins(1);
const ROTATION: Duration = Duration::from_mins(20);
const GRACE: Duration = Duration::from_mins(2);
const RETRY: Duration = Duration::from_secs(10);
const MOST_UNUSED: u32 = 20;
const CONFIRMATION: Duration = Duration::from_mins(10);
/// A limit that is low enough to be reached often.
const MOST_OF_USER: usize = 4;
/// The addresses that requests come from.
const ADDRESSES: [&str; 3] = ["203.0.113.7", "198.51.100.9", "2001:db8::7"];
const PASSWORDS: [&str; 2] = [testing::PASSWORD, "another battery, another staple"];

/// A step. Its numbers choose among the sessions so far, their tokens and the addresses.
#[derive(Clone, Debug)]
enum Step {
    LogIn,
    /// A request with the newest token.
    Request(usize),
    /// A request with a token that may have been replaced, from any address.
    RequestWith(usize, usize, usize),
    /// Several requests with a token that may have been replaced, at an interval in seconds. Their answers are lost.
    Lose(usize, usize, usize, u64),
    /// A background request with the newest token, from any address.
    LookAround(usize, usize),
    Confirm(usize),
    Revoke(usize, usize),
    RevokeOthers(usize),
    LogOut(usize),
    ChangePassword(usize, bool),
    DisableAndEnable,
    Sweep,
    Restart,
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => Just(Step::LogIn),
        10 => any::<usize>().prop_map(Step::Request),
        10 => any::<[usize; 3]>().prop_map(|[of, token, from]| Step::RequestWith(of, token, from)),
        2 => (any::<usize>(), any::<usize>(), 1_usize..25, 5_u64..125)
            .prop_map(|(of, from, times, pause)| Step::Lose(of, from, times, pause)),
        3 => any::<[usize; 2]>().prop_map(|[of, from]| Step::LookAround(of, from)),
        1 => any::<usize>().prop_map(Step::Confirm),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(by, of)| Step::Revoke(by, of)),
        1 => any::<usize>().prop_map(Step::RevokeOthers),
        1 => any::<usize>().prop_map(Step::LogOut),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(by, end)| Step::ChangePassword(by, end)),
        1 => Just(Step::DisableAndEnable),
        1 => Just(Step::Sweep),
        1 => Just(Step::Restart),
        // Around the touch interval and the grace, the rotation, the idle timeout, and far beyond.
        10 => prop_oneof![
            6 => 1_u64..130,
            4 => 115_u64..185,
            4 => 1190_u64..1210,
            2 => 1795_u64..1805,
            1 => 1_u64..4000,
        ]
        .prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..60)
}

/// The model of a session.
struct Model {
    id: SessionId,
    /// Every token of the session, with the moment of its replacement. The last token is the session's own.
    tokens: Vec<(SessionToken, Option<OffsetDateTime>)>,
    issued_at: OffsetDateTime,
    /// The address that the session's own token was sent to; `None` for the first token.
    issued_to: Option<usize>,
    is_token_used: bool,
    /// The number of unused tokens in a row, the session's own token included.
    unused: u32,
    created_at: OffsetDateTime,
    last_active_at: OffsetDateTime,
    confirmed_at: OffsetDateTime,
    /// The address of the last activity, and the moment at which it was last written.
    address: usize,
    address_at: OffsetDateTime,
    /// The moments at which other addresses were last seen.
    seen: [Option<OffsetDateTime>; ADDRESSES.len()],
    has_ended: bool,
}

/// A token, and the address that sends it.
#[derive(Clone, Copy)]
struct Sent {
    token: usize,
    from: usize,
    activity: Activity,
}

impl Model {
    fn expires_at(&self) -> OffsetDateTime {
        (self.last_active_at + IDLE).min(self.created_at + ABSOLUTE)
    }

    fn is_live(&self, now: OffsetDateTime) -> bool {
        !self.has_ended && now < self.expires_at()
    }

    /// Whether all successors of the token are unused.
    fn is_lost(&self, token: usize) -> bool {
        let replaced_at = self.tokens[token].1;
        !self.is_token_used && replaced_at == Some(self.issued_at) && self.unused < MOST_UNUSED
    }

    /// Models a request with one of the tokens. Returns whether the session is live.
    fn request(&mut self, sent: Sent, now: OffsetDateTime) -> bool {
        if !self.is_live(now) {
            return false;
        }
        let replaced_at = self.tokens[sent.token].1;
        if replaced_at.is_some_and(|at| now >= at + GRACE) && !self.is_lost(sent.token) {
            self.has_ended = true;
            return false;
        }
        let is_person = sent.activity == Activity::Person;
        let is_first_use = replaced_at.is_none() && !self.is_token_used;
        let is_known = self.seen[sent.from].is_some_and(|at| at >= now - TOUCH);
        let is_elsewhere = sent.from != self.address && !is_known;
        if is_first_use || is_elsewhere || is_person && self.last_active_at + TOUCH < now {
            if sent.from != self.address {
                self.seen[self.address] = Some(self.address_at.max(self.last_active_at));
            }
            (self.address, self.address_at) = (sent.from, now);
            if is_person {
                self.last_active_at = now;
            }
        }
        self.is_token_used |= replaced_at.is_none();
        true
    }

    /// Whether the answer to a request with a live session brings a new token.
    fn is_due(&self, sent: Sent, now: OffsetDateTime) -> bool {
        let is_elsewhere = self.issued_to.is_some_and(|to| to != sent.from);
        let wait = match self.tokens[sent.token].1 {
            None => ROTATION,
            Some(_) if !self.is_lost(sent.token) => return false,
            Some(_) if is_elsewhere || self.unused.is_multiple_of(2) => RETRY,
            Some(_) => GRACE,
        };
        now >= self.issued_at + wait
    }

    fn is_confirmed(&self, token: usize, now: OffsetDateTime) -> bool {
        self.tokens[token].1.is_none() && now < self.confirmed_at + CONFIRMATION
    }

    fn take(&mut self, from: usize, token: SessionToken, now: OffsetDateTime) {
        let current = self.tokens.len() - 1;
        for (number, (_, replaced_at)) in self.tokens.iter_mut().enumerate() {
            let is_predecessor = !self.is_token_used && *replaced_at == Some(self.issued_at);
            if number == current || is_predecessor {
                *replaced_at = Some(now);
            }
        }
        self.unused = if self.is_token_used {
            1
        } else {
            self.unused + 1
        };
        self.tokens.push((token, None));
        self.issued_at = now;
        self.issued_to = Some(from);
        self.is_token_used = false;
    }
}

struct World<'a> {
    bed: &'a mut TestBed,
    options: &'a PgConnectOptions,
    sessions: Vec<Model>,
    password: usize,
}

fn settings(not_before: Option<OffsetDateTime>) -> Settings {
    Settings {
        sessions: SessionSettings {
            idle_timeout: IDLE,
            absolute_timeout: Some(ABSOLUTE),
            rotation_interval: Some(ROTATION),
            rotation_grace: GRACE,
            confirmation_timeout: CONFIRMATION,
            most_of_user: MOST_OF_USER,
            not_before,
            ..Settings::default().sessions
        },
        ..Settings::default()
    }
}

impl World<'_> {
    fn now(&self) -> OffsetDateTime {
        self.bed.core.clock.now()
    }

    /// Sends a request, and compares the answer with the model's. Returns the caller if the session is live.
    async fn send(&mut self, of: usize, sent: Sent) -> Option<Caller> {
        let now = self.now();
        let session = &mut self.sessions[of];
        let bits = session.tokens[sent.token].0.to_bytes();
        let is_let_in = session.request(sent, now);
        let (core, database) = (&self.bed.core, &self.bed.database);
        let client = Client {
            address: ADDRESSES[sent.from].parse().ok(),
            ..testing::client()
        };
        let bits = SessionToken::from_bytes(bits);
        let resumed = core
            .sessions
            .resume(database, &bits, &client, sent.activity);
        let caller = match resumed.await.unwrap() {
            Resumed::Live(caller) => Some(Arc::unwrap_or_clone(caller)),
            Resumed::Ended(_) => None,
            Resumed::Pending(_) | Resumed::Unknown => panic!("a session is forgotten"),
        };
        assert_eq!(caller.is_some(), is_let_in, "session {of}, {}", sent.token);
        let caller = caller?;
        let (address, last_active_at) = (caller.session.address, caller.session.last_active_at);
        assert_eq!(address, ADDRESSES[session.address].parse().ok());
        assert_eq!(last_active_at, session.last_active_at);
        let is_confirmed = core.sessions.confirmed(&caller).is_ok();
        assert_eq!(is_confirmed, session.is_confirmed(sent.token, now));
        Some(caller)
    }

    /// Sends a request, and checks that the answer brings a new token exactly if the model says so. Returns the caller
    /// if the session is live.
    async fn rotate(&mut self, of: usize, sent: Sent) -> Option<Caller> {
        let now = self.now();
        let caller = self.send(of, sent).await?;
        let session = &mut self.sessions[of];
        let is_due = session.is_due(sent, now);
        let next = self.bed.core.sessions.rotate_token(&caller).await.unwrap();
        assert_eq!(next.is_some(), is_due, "session {of}, {}", sent.token);
        if let Some(next) = next {
            if session.tokens[sent.token].1.is_some() {
                session.confirmed_at = OffsetDateTime::UNIX_EPOCH;
            }
            session.take(sent.from, next, now);
        }
        Some(caller)
    }

    /// Sends a browser's request. The browser continues with the newest token that it got.
    async fn request(&mut self, of: usize, token: usize, from: usize) -> Option<Caller> {
        let mut sent = Sent {
            token,
            from,
            activity: Activity::Person,
        };
        let count = self.sessions[of].tokens.len();
        let caller = self.rotate(of, sent).await?;
        if self.sessions[of].tokens.len() == count {
            return Some(caller);
        }
        sent.token = count;
        self.send(of, sent).await
    }

    async fn newest(&mut self, chosen: usize) -> Option<(usize, Caller)> {
        let of = chosen.checked_rem(self.sessions.len())?;
        let token = self.sessions[of].tokens.len() - 1;
        Some((of, self.request(of, token, 0).await?))
    }

    /// Sends requests whose answers are lost.
    async fn lose(&mut self, of: usize, from: usize, times: usize, pause: u64) {
        let Some(of) = of.checked_rem(self.sessions.len()) else {
            return;
        };
        let sent = Sent {
            token: self.sessions[of].tokens.len() - 1,
            from: from % ADDRESSES.len(),
            activity: Activity::Person,
        };
        for _ in 0..times {
            self.rotate(of, sent).await;
            self.bed.clock.advance(Duration::from_secs(pause));
        }
    }

    /// Ends the live sessions that were unused for longest, so that one more session stays within the limit.
    fn make_room(&mut self, now: OffsetDateTime) {
        let live = self
            .sessions
            .iter_mut()
            .filter(|session| session.is_live(now));
        let mut live: Vec<_> = live.collect();
        live.sort_by_key(|session| (session.last_active_at, session.id.as_uuid()));
        let surplus = (live.len() + 1).saturating_sub(MOST_OF_USER);
        for session in live.into_iter().take(surplus) {
            session.has_ended = true;
        }
    }

    fn end(&mut self, is_ended: impl Fn(usize, &Model) -> bool) {
        for (index, session) in self.sessions.iter_mut().enumerate() {
            session.has_ended |= is_ended(index, session);
        }
    }

    async fn take(&mut self, step: &Step) {
        let now = self.now();
        let core = self.bed.core.clone();
        match *step {
            Step::LogIn => {
                let opened = self
                    .bed
                    .try_log_in("ada@example.com", PASSWORDS[self.password]);
                let opened = opened.await.unwrap();
                self.make_room(now);
                self.sessions.push(Model {
                    id: opened.id,
                    tokens: vec![(opened.token, None)],
                    issued_at: now,
                    issued_to: None,
                    is_token_used: false,
                    unused: 0,
                    created_at: now,
                    last_active_at: now,
                    confirmed_at: now,
                    address: 0,
                    address_at: now,
                    seen: [None; ADDRESSES.len()],
                    has_ended: false,
                });
            }
            Step::Request(of) => {
                self.newest(of).await;
            }
            Step::RequestWith(of, token, from) => {
                if let Some(of) = of.checked_rem(self.sessions.len()) {
                    let token = token % self.sessions[of].tokens.len();
                    self.request(of, token, from % ADDRESSES.len()).await;
                }
            }
            Step::Lose(of, from, times, pause) => self.lose(of, from, times, pause).await,
            Step::LookAround(of, from) => {
                if let Some(of) = of.checked_rem(self.sessions.len()) {
                    let sent = Sent {
                        token: self.sessions[of].tokens.len() - 1,
                        from: from % ADDRESSES.len(),
                        activity: Activity::Background,
                    };
                    self.send(of, sent).await;
                }
            }
            Step::Confirm(of) => {
                if let Some((of, caller)) = self.newest(of).await {
                    let password = password(PASSWORDS[self.password]);
                    let confirmed = core.passwords.confirm(&caller, &password).await;
                    let next = confirmed.map_err(|error| error.to_string()).unwrap().token;
                    self.confirmed(of, next.unwrap(), now);
                }
            }
            Step::Revoke(by, of) => self.revoke(by, of).await,
            Step::RevokeOthers(by) => {
                if let Some((by, caller)) = self.newest(by).await
                    && let Ok(confirmed) = core.sessions.confirmed(&caller)
                {
                    core.sessions.revoke_others(confirmed).await.unwrap();
                    self.end(|index, _| index != by);
                }
            }
            Step::LogOut(of) => {
                if let Some((of, caller)) = self.newest(of).await {
                    core.sessions.log_out(&caller).await.unwrap();
                    self.sessions[of].has_ended = true;
                }
            }
            Step::ChangePassword(by, end) => self.change_password(by, end).await,
            Step::DisableAndEnable => {
                let (database, ada) = (&self.bed.database, &self.bed.ada);
                core.users.disable(database, ada).await.unwrap();
                core.users.enable(database, ada).await.unwrap();
                self.end(|_, _| true);
            }
            Step::Sweep => {
                core.sweeper.sweep(&self.bed.database).await.unwrap();
            }
            Step::Restart => {
                let clock = self.bed.clock.clone();
                let settings = settings(Some(now));
                let core = testing::core(self.options.clone(), settings, Vec::new(), clock);
                let database = core
                    .databases
                    .open_any(self.bed.database.name())
                    .await
                    .unwrap();
                self.bed.core.databases.close().await;
                (self.bed.core, self.bed.database) = (core, database);
                self.end(|_, session| session.created_at < now);
            }
            Step::Wait(seconds) => self.bed.clock.advance(Duration::from_secs(seconds)),
        }
    }

    fn confirmed(&mut self, of: usize, next: SessionToken, now: OffsetDateTime) {
        self.sessions[of].confirmed_at = now;
        self.sessions[of].take(0, next, now);
    }

    async fn revoke(&mut self, by: usize, of: usize) {
        if let Some((_, caller)) = self.newest(by).await
            && let Ok(confirmed) = self.bed.core.sessions.confirmed(&caller)
        {
            let of = of % self.sessions.len();
            let id = self.sessions[of].id;
            self.bed.core.sessions.revoke(confirmed, id).await.unwrap();
            self.sessions[of].has_ended = true;
        }
    }

    async fn change_password(&mut self, by: usize, end: bool) {
        let Some((by, caller)) = self.newest(by).await else {
            return;
        };
        let now = self.now();
        let next = (self.password + 1) % PASSWORDS.len();
        let [old, new] = [self.password, next].map(|which| password(PASSWORDS[which]));
        let others = if end {
            OtherSessions::End
        } else {
            OtherSessions::Keep
        };
        let change = self.bed.core.passwords.change(&caller, &old, &new, others);
        let change = change.await.map_err(|error| error.to_string()).unwrap();
        self.password = next;
        self.confirmed(by, change.token.unwrap(), now);
        if end {
            self.end(|index, _| index != by);
        }
    }

    /// Checks that PostgreSQL lists the sessions that are live in the model.
    async fn compare(&self) {
        let now = self.now();
        let listed = self.bed.core.sessions.list_all(&self.bed.database, None);
        let listed = listed.await.unwrap().into_iter();
        let listed: BTreeSet<_> = listed.map(|(_, session)| session.id.to_string()).collect();
        let live = self.sessions.iter().filter(|session| session.is_live(now));
        let live: BTreeSet<_> = live.map(|session| session.id.to_string()).collect();
        assert_eq!(listed, live);
    }
}

#[sqlx::test(migrations = false)]
async fn sessions_live_and_die_as_a_simple_model_says(_: PgPoolOptions, options: PgConnectOptions) {
    // proptest shrinks failing cases, and needs a function that is not asynchronous.
    let run = move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mut bed = runtime.block_on(TestBed::with(options.clone(), settings(None), Vec::new()));
        let mut password = 0;
        let bed = std::cell::RefCell::new((&mut bed, &mut password));
        let config = Config {
            cases: 100,
            failure_persistence: None,
            ..Config::default()
        };
        TestRunner::new(config).run(&steps(), |steps| {
            let (bed, password) = &mut *bed.borrow_mut();
            let walked = std::panic::AssertUnwindSafe(|| {
                runtime.block_on(async {
                    let mut world = World {
                        bed,
                        options: &options,
                        sessions: Vec::new(),
                        password: **password,
                    };
                    world.take(&Step::DisableAndEnable).await;
                    for step in &steps {
                        world.take(step).await;
                        world.compare().await;
                    }
                    **password = world.password;
                });
            });
            std::panic::catch_unwind(walked)
                .map_err(|_told| TestCaseError::fail("the model says otherwise"))
        })
    };
    tokio::task::spawn_blocking(run).await.unwrap().unwrap();
}
