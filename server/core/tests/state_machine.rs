//! Whatever happens, in whatever order: no session is alive that a simple model calls dead, and none
//! is dead that it calls alive.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::{collections::BTreeSet, time::Duration};

use latchkey_core::{
    session::{Activity, Caller, Resumed, SessionId, SessionToken},
    settings::{SessionSettings, Settings},
    testing::{self, TestBed, password},
    user::OtherSessions,
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
const PASSWORDS: [&str; 2] = [testing::PASSWORD, "another battery, another staple"];

/// What may happen. Numbers choose among the sessions that there have been.
#[derive(Clone, Debug)]
enum Step {
    LogIn,
    /// With the newest token.
    Request(usize),
    /// With one that may have been replaced.
    RequestWith(usize, usize),
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
        10 => (any::<usize>(), any::<usize>()).prop_map(|(of, token)| Step::RequestWith(of, token)),
        1 => any::<usize>().prop_map(Step::Confirm),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(by, of)| Step::Revoke(by, of)),
        1 => any::<usize>().prop_map(Step::RevokeOthers),
        1 => any::<usize>().prop_map(Step::LogOut),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(by, end)| Step::ChangePassword(by, end)),
        1 => Just(Step::DisableAndEnable),
        1 => Just(Step::Sweep),
        1 => Just(Step::Restart),
        // About the touch interval and the grace, the rotation, the idle timeout, and far beyond.
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

/// What is known of a session without asking it.
struct Model {
    id: SessionId,
    /// Every token it ever had, and when each was replaced; the last one is its own.
    tokens: Vec<(SessionToken, Option<OffsetDateTime>)>,
    issued_at: OffsetDateTime,
    is_token_used: bool,
    created_at: OffsetDateTime,
    last_active_at: OffsetDateTime,
    has_ended: bool,
}

impl Model {
    fn expires_at(&self) -> OffsetDateTime {
        (self.last_active_at + IDLE).min(self.created_at + ABSOLUTE)
    }

    fn is_live(&self, now: OffsetDateTime) -> bool {
        !self.has_ended && now < self.expires_at()
    }

    /// A request with one of the tokens; says whether it is let in.
    fn request(&mut self, token: usize, now: OffsetDateTime) -> bool {
        if !self.is_live(now) {
            return false;
        }
        let replaced_at = self.tokens[token].1;
        let is_lost = |at| !self.is_token_used && at == self.issued_at;
        if replaced_at.is_some_and(|at| now >= at + GRACE && !is_lost(at)) {
            self.has_ended = true;
            return false;
        }
        let is_first_use = replaced_at.is_none() && !self.is_token_used;
        if is_first_use || self.last_active_at + TOUCH < now {
            self.last_active_at = now;
        }
        self.is_token_used |= replaced_at.is_none();
        true
    }

    fn take(&mut self, presented: usize, token: SessionToken, now: OffsetDateTime) {
        let current = self.tokens.len() - 1;
        for replaced in [presented, current] {
            self.tokens[replaced].1 = Some(now);
        }
        self.tokens.push((token, None));
        self.issued_at = now;
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

    /// Sends a request and holds the answer to the model's; gives the caller who was let in, and the
    /// token used since.
    async fn request(&mut self, of: usize, token: usize) -> Option<(Caller, usize)> {
        let now = self.now();
        let session = &mut self.sessions[of];
        let bits = session.tokens[token].0.to_bytes();
        let is_let_in = session.request(token, now);
        let (core, database) = (&self.bed.core, &self.bed.database);
        let (bits, client) = (SessionToken::from_bytes(bits), testing::client());
        let resumed = core.resume_session(database, &bits, &client, Activity::Person);
        let caller = match resumed.await.unwrap() {
            Resumed::Live(caller) => Some(*caller),
            Resumed::Ended(_) => None,
            Resumed::Unknown => panic!("a session is forgotten"),
        };
        assert_eq!(caller.is_some(), is_let_in, "session {of}, token {token}");
        let caller = caller?;
        let next = core.rotate_token(&caller).await.unwrap();
        match next {
            Some(next) => {
                session.take(token, next, now);
                // The browser goes on with the token it has taken home.
                Box::pin(self.request(of, self.sessions[of].tokens.len() - 1)).await
            }
            None => Some((caller, token)),
        }
    }

    async fn newest(&mut self, chosen: usize) -> Option<(usize, Caller, usize)> {
        let of = chosen.checked_rem(self.sessions.len())?;
        let token = self.sessions[of].tokens.len() - 1;
        let (caller, token) = self.request(of, token).await?;
        Some((of, caller, token))
    }

    fn end(&mut self, is_ended: impl Fn(usize, &Model) -> bool) {
        for (index, session) in self.sessions.iter_mut().enumerate() {
            session.has_ended |= is_ended(index, session);
        }
    }

    async fn take(&mut self, step: &Step) {
        let now = self.now();
        match *step {
            Step::LogIn => {
                let opened = self
                    .bed
                    .try_log_in("ada@example.com", PASSWORDS[self.password]);
                let opened = opened.await.unwrap();
                self.sessions.push(Model {
                    id: opened.id,
                    tokens: vec![(opened.token, None)],
                    issued_at: now,
                    is_token_used: false,
                    created_at: now,
                    last_active_at: now,
                    has_ended: false,
                });
            }
            Step::Request(of) => {
                self.newest(of).await;
            }
            Step::RequestWith(of, token) => {
                if let Some(of) = of.checked_rem(self.sessions.len()) {
                    let token = token % self.sessions[of].tokens.len();
                    self.request(of, token).await;
                }
            }
            Step::Confirm(of) => {
                if let Some((of, caller, token)) = self.newest(of).await {
                    let password = password(PASSWORDS[self.password]);
                    let confirmed = self.bed.core.confirm_identity(&caller, &password).await;
                    let next = confirmed.map_err(|error| error.to_string()).unwrap().token;
                    self.sessions[of].take(token, next.unwrap(), now);
                }
            }
            Step::Revoke(by, of) => self.revoke(by, of).await,
            Step::RevokeOthers(by) => {
                if let Some((by, caller, _)) = self.newest(by).await
                    && let Ok(confirmed) = self.bed.core.confirmed(&caller)
                {
                    self.bed
                        .core
                        .revoke_other_sessions(confirmed)
                        .await
                        .unwrap();
                    self.end(|index, _| index != by);
                }
            }
            Step::LogOut(of) => {
                if let Some((of, caller, _)) = self.newest(of).await {
                    self.bed.core.log_out(&caller).await.unwrap();
                    self.sessions[of].has_ended = true;
                }
            }
            Step::ChangePassword(by, end) => self.change_password(by, end).await,
            Step::DisableAndEnable => {
                let (core, database, ada) = (&self.bed.core, &self.bed.database, &self.bed.ada);
                core.disable_user(database, ada).await.unwrap();
                core.enable_user(database, ada).await.unwrap();
                self.end(|_, _| true);
            }
            Step::Sweep => {
                self.bed.core.sweep(&self.bed.database).await.unwrap();
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

    async fn revoke(&mut self, by: usize, of: usize) {
        if let Some((_, caller, _)) = self.newest(by).await
            && let Ok(confirmed) = self.bed.core.confirmed(&caller)
        {
            let of = of % self.sessions.len();
            let id = self.sessions[of].id;
            self.bed.core.revoke_session(confirmed, id).await.unwrap();
            self.sessions[of].has_ended = true;
        }
    }

    async fn change_password(&mut self, by: usize, end: bool) {
        let Some((by, caller, token)) = self.newest(by).await else {
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
        let change = self.bed.core.change_password(&caller, &old, &new, others);
        let change = change.await.map_err(|error| error.to_string()).unwrap();
        self.password = next;
        self.sessions[by].take(token, change.token.unwrap(), now);
        if end {
            self.end(|index, _| index != by);
        }
    }

    /// What PostgreSQL lists as alive is what the model calls alive.
    async fn compare(&self) {
        let now = self.now();
        let listed = self.bed.core.list_all_sessions(&self.bed.database, None);
        let listed = listed.await.unwrap().into_iter();
        let listed: BTreeSet<_> = listed.map(|(_, session)| session.id.to_string()).collect();
        let live = self.sessions.iter().filter(|session| session.is_live(now));
        let live: BTreeSet<_> = live.map(|session| session.id.to_string()).collect();
        assert_eq!(listed, live);
    }
}

#[sqlx::test(migrations = false)]
async fn sessions_live_and_die_as_a_simple_model_says(_: PgPoolOptions, options: PgConnectOptions) {
    // proptest shrinks what fails, and wants a function that does not wait.
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
