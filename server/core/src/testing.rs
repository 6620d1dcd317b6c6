//! A core on a separate database, with a clock that tests move.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod proxy;

use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::{OffsetDateTime, macros::datetime};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::{
    Core, Parts, StoreError,
    account::{NewUser, PasswordOrigin},
    attempt::TypedCode,
    client::{Agent, Client, TimeZoneName},
    clock::Clock,
    database::{Database, DatabaseName, ScopedTx},
    device::RememberDevice,
    language::LanguageCode,
    log_in::{LogInAttempt, LogInError, OpenedSession},
    module::HostedModule,
    place::Places,
    random::SystemRandom,
    session::{Activity, Caller, Computer, Pending, Resumed, SessionToken},
    settings::Settings,
    user::{Login, Password, Role, User},
};

pub use proxy::Proxy;

/// A picture with 120 x 40 pixels, as a PNG file.
pub const PICTURE: &[u8] = include_bytes!("testing/picture.png");

/// A password that the rules accept.
pub const PASSWORD: &str = "correct horse battery staple";

/// Firefox on Linux.
pub const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0";

/// A clock that stands still until a test moves it.
pub struct TestClock(Mutex<OffsetDateTime>);

impl TestClock {
    /// A clock that stands at `moment`.
    pub fn at(moment: OffsetDateTime) -> Self {
        Self(Mutex::new(moment))
    }

    /// Moves the clock forward.
    pub fn advance(&self, duration: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += duration;
    }

    /// Moves the clock back, as when a clock is corrected.
    pub fn set_back(&self, duration: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) -= duration;
    }
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A core, a database and a user "Ada".
pub struct TestBed {
    /// The core under test.
    pub core: Core,
    /// The core's clock, at first 23 November 2026, 12:00 UTC.
    pub clock: Arc<TestClock>,
    /// The test's database.
    pub database: Database,
    /// "ada@example.com", called "Ada", with [`PASSWORD`].
    pub ada: User,
}

impl TestBed {
    /// A test bed with the default settings and no modules, on the database that `#[sqlx::test]` made.
    pub async fn new(options: PgConnectOptions) -> Self {
        Self::with(options, Settings::default(), Vec::new()).await
    }

    /// A test bed with the given settings and modules.
    pub async fn with(
        options: PgConnectOptions,
        settings: Settings,
        modules: Vec<HostedModule>,
    ) -> Self {
        let clock = Arc::new(TestClock::at(datetime!(2026-11-23 12:00 UTC)));
        let name: DatabaseName = options
            .get_database()
            .expect("a database")
            .parse()
            .expect("a name");
        let core = core(options, settings, modules, Arc::clone(&clock));
        // Only the role is prepared, because preparing all databases would touch those of other tests.
        core.databases
            .prepare_role()
            .await
            .expect("the server is there");
        core.databases
            .take_empty(&name)
            .await
            .expect("the database is there");
        let database = core
            .databases
            .open_any(&name)
            .await
            .expect("the database opens");
        let ada = new_user("ada@example.com", "Ada", Role::Person);
        let ada = core.users.create(&database, ada).await.expect("Ada is new");
        Self {
            core,
            clock,
            database,
            ada,
        }
    }

    /// Logs Ada in from Firefox on Linux.
    pub async fn log_in(&self) -> OpenedSession {
        self.try_log_in("ada@example.com", PASSWORD)
            .await
            .expect("Ada may log in")
    }

    /// The result of a log-in from Firefox on Linux.
    pub async fn try_log_in(
        &self,
        login: &str,
        password: &str,
    ) -> Result<OpenedSession, LogInError> {
        self.core
            .log_in
            .attempt(&self.database, attempt(login, password))
            .await
    }

    /// The result of resuming a token now.
    pub async fn resume(&self, token: &SessionToken) -> Resumed {
        self.core
            .sessions
            .resume(&self.database, token, &client(), Activity::Person)
            .await
            .expect("PostgreSQL answers")
    }

    /// The caller of a live session.
    pub async fn caller(&self, opened: &OpenedSession) -> Caller {
        match self.resume(&opened.token).await {
            Resumed::Live(caller) => Arc::unwrap_or_clone(caller),
            Resumed::Pending(pending) => panic!("the log-in waits for {:?}", pending.step()),
            Resumed::Ended(ended) => panic!("the session has ended: {ended:?}"),
            Resumed::Unknown => panic!("there is no such session"),
        }
    }

    /// The bearer of a session that waits for a step.
    pub async fn pending(&self, opened: &OpenedSession) -> Pending {
        match self.resume(&opened.token).await {
            Resumed::Pending(pending) => Arc::unwrap_or_clone(pending),
            _ => panic!("the log-in waits for nothing"),
        }
    }

    /// A second user in the same database.
    pub async fn another_user(&self, login: &str) -> User {
        let new = new_user(login, login, Role::Person);
        self.core
            .users
            .create(&self.database, new)
            .await
            .expect("the login is free")
    }
}

/// A core on the server that `options` name. A second core on the same server acts as a second node.
pub fn core(
    options: PgConnectOptions,
    settings: Settings,
    modules: Vec<HostedModule>,
    clock: Arc<TestClock>,
) -> Core {
    let parts = Parts {
        server: options,
        settings,
        clock,
        random: Arc::new(SystemRandom),
        modules,
        places: Places::default(),
    };
    Core::new(parts).expect("settings make sense")
}

/// A new user with [`PASSWORD`].
pub fn new_user(login: &str, name: &str, role: Role) -> NewUser {
    NewUser {
        login: Login::new(login).expect("a login"),
        name: name.to_owned(),
        password: PasswordOrigin::Given(Password::new(PASSWORD.to_owned())),
        role,
        companies: Vec::new(),
    }
}

/// A password as typed.
pub fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

/// A log-in from Firefox on Linux.
pub fn attempt(login: &str, password: &str) -> LogInAttempt {
    LogInAttempt {
        login: login.to_owned(),
        password: Password::new(password.to_owned()),
        client: client(),
        language: LanguageCode::default(),
        computer: Computer::Own,
        replaces: None,
        devices: Vec::new(),
        remember_device: RememberDevice::Yes,
        code: TypedCode::None,
    }
}

/// Firefox on Linux at 203.0.113.7.
pub fn client() -> Client {
    Client {
        address: "203.0.113.7".parse().ok(),
        agent: Agent::from_header(FIREFOX.as_bytes()),
        time_zone: TimeZoneName::from_browser("Europe/Berlin"),
    }
}

/// Number of rows of a table that the restricted role sees without a caller.
pub async fn rows_without_caller(pool: &sqlx::PgPool, table: &'static str) -> i64 {
    let mut tx = ScopedTx::without_caller(pool)
        .await
        .expect("the role can be taken");
    let count = format!("select count(*) from {table}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(count))
        .fetch_one(tx.connection())
        .await
        .expect("the query is right")
}

/// Runs a statement as the restricted role with a caller, and commits.
pub async fn run_as(caller: &Caller, statement: &'static str) -> Result<(), StoreError> {
    let mut tx = caller.transaction().await?;
    sqlx::query(statement).execute(tx.connection()).await?;
    tx.commit().await
}

/// Counts the statements that sqlx sends, on the current thread.
#[derive(Clone, Default)]
pub struct Statements(Arc<AtomicUsize>);

impl Statements {
    /// Number of statements that `work` sends to PostgreSQL.
    pub async fn count(work: impl Future<Output = ()>) -> usize {
        listen_for_good();
        let statements = Self::default();
        let subscriber = tracing_subscriber::registry().with(statements.clone());
        // The subscriber holds for the whole thread, because a page loads its data in separate tasks.
        let listening = tracing::subscriber::set_default(subscriber);
        work.await;
        drop(listening);
        statements.0.load(Ordering::SeqCst)
    }
}

/// Keeps two subscribers. With fewer, tracing asks only the thread that meets an event first whether any
/// subscriber is interested, and keeps the answer for all threads, including those of other tests.
fn listen_for_good() {
    static LISTENERS: OnceLock<[tracing::Dispatch; 2]> = OnceLock::new();
    LISTENERS.get_or_init(|| [(); 2].map(|()| tracing_subscriber::registry().into()));
}

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Statements {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        if event.metadata().target() != "sqlx::query" {
            return;
        }
        let mut beside = Beside(false);
        event.record(&mut beside);
        if !beside.0 {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Whether a statement is not counted, because it sets up a new connection, or ends a read-only transaction in the
/// background.
struct Beside(bool);

impl tracing::field::Visit for Beside {
    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        self.0 |= field.name() == "summary"
            && (value.starts_with("set lock_timeout") || value == "rollback");
    }

    fn record_debug(&mut self, _: &tracing::field::Field, _: &dyn std::fmt::Debug) {}
}

/// A pool with one connection, for a test that reads the database directly.
pub async fn look(options: PgConnectOptions) -> sqlx::PgPool {
    PgPoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await
        .expect("the server is there")
}

/// Returns when no other connection to the database is left. A connection may report only at its end how many rows it
/// has read.
pub async fn until_alone(look: &sqlx::PgPool) {
    let others = "select count(*) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()";
    let count = || sqlx::query_scalar::<_, i64>(others).fetch_one(look);
    while count().await.expect("PostgreSQL answers") > 0 {}
}

/// Returns when `count` transactions in this database wait for a lock, so that all parties of a race are ready.
pub async fn until_blocked(elsewhere: &sqlx::PgPool, count: i64) {
    let waiting = "select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(waiting)
        .fetch_one(elsewhere)
        .await
        .expect("PostgreSQL answers")
        < count
    {}
}
