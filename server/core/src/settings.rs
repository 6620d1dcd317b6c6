//! What an administrator configures, as the core needs it.

use std::time::Duration;

use time::OffsetDateTime;

use crate::{
    attempt::{MOST_CONSECUTIVE_FAILURES, Schedule},
    database::DatabaseFilter,
};

/// Everything that the core is told once, at start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// When sessions end by themselves.
    pub sessions: SessionSettings,
    /// What passwords must be and how they are hashed.
    pub passwords: PasswordSettings,
    /// How many log-ins may fail.
    pub log_in: LogInSettings,
    /// Which databases are served, and with how many connections.
    pub databases: DatabaseSettings,
    /// How changes of sessions are watched.
    pub live: LiveSettings,
}

/// How sessions live and end (OWASP ASVS 7.1.1).
#[derive(Clone, Copy, Debug)]
pub struct SessionSettings {
    /// Without activity.
    pub idle_timeout: Duration,
    /// In spite of activity; `None` for never.
    pub absolute_timeout: Option<Duration>,
    /// Without activity, on a shared computer.
    pub shared_idle_timeout: Duration,
    /// Whether the cookie outlives the browser window.
    pub cookie: CookieLifetime,
    /// How old a token may get before it is replaced; `None` for any age.
    pub rotation_interval: Option<Duration>,
    /// How long a replaced token is still good.
    pub rotation_grace: Duration,
    /// How long a confirmed identity is good for sensitive acts.
    pub confirmation_timeout: Duration,
    /// The most live sessions of one user. The longest unused ends for a new one.
    pub most_of_user: usize,
    /// How long ended sessions are kept as history.
    pub history_retention: Duration,
    /// Sessions opened before this moment end when their database is opened: the start of the
    /// server, where restarts end sessions.
    pub not_before: Option<OffsetDateTime>,
}

/// Whether a session's cookie outlives the browser window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieLifetime {
    /// As long as the session.
    Session,
    /// Until the browser is closed.
    Browser,
}

/// What passwords must be and how they are hashed.
#[derive(Clone, Copy, Debug)]
pub struct PasswordSettings {
    /// In characters.
    pub minimum_length: usize,
    /// Argon2id memory, in KiB.
    pub memory_kib: u32,
    /// Argon2id passes.
    pub iterations: u32,
    /// Argon2id lanes.
    pub parallelism: u32,
    /// How many are hashed at a time.
    pub max_concurrent: usize,
    /// How many more may wait for their turn; the rest is turned away.
    pub max_waiting: usize,
}

/// How many log-ins may fail, and how long to wait after more (OWASP ASVS 6.3.1).
#[derive(Clone, Copy, Debug)]
pub struct LogInSettings {
    /// On one account, from anywhere; and on a device that its owner has logged in with before.
    pub account: Schedule,
    /// From one address, on whatever accounts.
    pub address: Schedule,
    /// Different accounts from one address.
    pub spray: Schedule,
}

/// Which databases are served, and with how many connections.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// Which databases a host name may see; `None` for all.
    pub filter: Option<DatabaseFilter>,
    /// Whether names are shown to people who are not logged in.
    pub listed: Listed,
    /// How many databases have open connections at a time.
    pub max_pools: usize,
    /// How many connections a database has at most.
    pub max_connections: u32,
}

/// How changes of sessions are watched, and by how many.
#[derive(Clone, Copy, Debug)]
pub struct LiveSettings {
    /// How often a watcher looks although it was not told to.
    pub look_interval: Duration,
    /// The same while notifications do not get through.
    pub look_interval_unheard: Duration,
    /// How many may watch on a node.
    pub max_watchers: usize,
    /// How many of them may watch for one session. Tabs share one where browsers let them.
    pub max_watchers_per_session: usize,
    /// How many of them may watch for one user, in all sessions.
    pub max_watchers_per_user: usize,
}

impl Default for LiveSettings {
    fn default() -> Self {
        Self {
            look_interval: Duration::from_secs(15),
            look_interval_unheard: Duration::from_secs(2),
            max_watchers: 4096,
            max_watchers_per_session: 6,
            max_watchers_per_user: 60,
        }
    }
}

/// Whether the names of databases are shown to people who are not logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// The log-in page offers them.
    Yes,
    /// A person has to know the name.
    No,
}

impl Default for Settings {
    /// The defaults of the configuration file.
    fn default() -> Self {
        Self {
            sessions: SessionSettings {
                idle_timeout: Duration::from_hours(12),
                absolute_timeout: Some(Duration::from_hours(7 * 24)),
                shared_idle_timeout: Duration::from_mins(15),
                cookie: CookieLifetime::Session,
                rotation_interval: Some(Duration::from_hours(3)),
                rotation_grace: Duration::from_mins(2),
                confirmation_timeout: Duration::from_mins(10),
                most_of_user: 200,
                history_retention: Duration::from_hours(90 * 24),
                not_before: None,
            },
            passwords: PasswordSettings {
                minimum_length: 15,
                memory_kib: 19_456,
                iterations: 2,
                parallelism: 1,
                max_concurrent: std::thread::available_parallelism().map_or(1, Into::into),
                max_waiting: 64,
            },
            log_in: LogInSettings::default(),
            databases: DatabaseSettings {
                filter: None,
                listed: Listed::Yes,
                max_pools: 64,
                max_connections: 10,
            },
            live: LiveSettings::default(),
        }
    }
}

impl Default for LogInSettings {
    fn default() -> Self {
        let account = Schedule {
            free: 5,
            window: Duration::from_hours(24),
            first_delay: Duration::from_secs(30),
            longest_delay: Duration::from_hours(1),
            most: Some(MOST_CONSECUTIVE_FAILURES),
        };
        let address = Schedule {
            free: 20,
            window: Duration::from_hours(1),
            most: None,
            ..account
        };
        Self {
            account,
            address,
            spray: Schedule {
                free: 10,
                ..address
            },
        }
    }
}
