//! The administrator's settings, in the form that the core needs.

use std::time::Duration;

use time::OffsetDateTime;

use crate::{
    attempt::{MOST_CONSECUTIVE_FAILURES, Schedule},
    database::DatabaseFilter,
};

/// The settings that the core gets at its start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The lifetimes of sessions.
    pub sessions: SessionSettings,
    /// The rules for passwords and their hashes.
    pub passwords: PasswordSettings,
    /// The number of log-ins that may fail.
    pub log_in: LogInSettings,
    /// The visible databases, and the number of connections.
    pub databases: DatabaseSettings,
    /// The limits of watching for changes of sessions.
    pub live: LiveSettings,
}

/// The lifetimes of sessions (OWASP ASVS 7.1.1).
#[derive(Clone, Copy, Debug)]
pub struct SessionSettings {
    /// The time without activity after which a session ends.
    pub idle_timeout: Duration,
    /// The time after log-in at which a session ends, regardless of activity; `None`: never.
    pub absolute_timeout: Option<Duration>,
    /// The idle timeout on a shared computer.
    pub shared_idle_timeout: Duration,
    /// Whether the cookie outlives the browser.
    pub cookie: CookieLifetime,
    /// The age at which a token is replaced; `None`: never.
    pub rotation_interval: Option<Duration>,
    /// The time for which a replaced token is still good.
    pub rotation_grace: Duration,
    /// The time for which a confirmed identity permits sensitive actions.
    pub confirmation_timeout: Duration,
    /// The largest number of live sessions of one user. Beyond it the session that was unused for longest ends.
    pub most_of_user: usize,
    /// The time for which ended sessions are kept as history.
    pub history_retention: Duration,
    /// Sessions opened before this moment end when their database is opened. The moment is the server's
    /// start, if restarts should end sessions.
    pub not_before: Option<OffsetDateTime>,
}

/// Whether a session's cookie outlives the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieLifetime {
    /// The cookie lasts as long as the session.
    Session,
    /// The cookie lasts until the browser is closed.
    Browser,
}

/// The rules for passwords and their hashes.
#[derive(Clone, Copy, Debug)]
pub struct PasswordSettings {
    /// Least number of characters.
    pub minimum_length: usize,
    /// Argon2id memory, in KiB.
    pub memory_kib: u32,
    /// Argon2id passes.
    pub iterations: u32,
    /// Argon2id lanes.
    pub parallelism: u32,
    /// Hashes computed at the same time.
    pub max_concurrent: usize,
    /// Further hashes that may wait for their turn; beyond that they are refused.
    pub max_waiting: usize,
}

/// The number of log-ins that may fail, and the delays after more (OWASP ASVS 6.3.1).
#[derive(Clone, Copy, Debug)]
pub struct LogInSettings {
    /// Failures on one account from any address; also failures on a device that its owner has logged in with
    /// before.
    pub account: Schedule,
    /// Failures from one address, on any accounts.
    pub address: Schedule,
    /// Different accounts that fail from one address.
    pub spray: Schedule,
}

/// The visible databases, and the number of connections.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// The databases that a host name may see; `None`: all.
    pub filter: Option<DatabaseFilter>,
    /// Whether strangers may see the names of databases.
    pub listed: Listed,
    /// Largest number of databases with open connections.
    pub max_pools: usize,
    /// Largest number of connections to a database.
    pub max_connections: u32,
}

/// The limits of watching for changes of sessions.
#[derive(Clone, Copy, Debug)]
pub struct LiveSettings {
    /// The pause between two looks of a watcher without notifications.
    pub look_interval: Duration,
    /// The same pause while notifications do not arrive.
    pub look_interval_unheard: Duration,
    /// Largest number of watchers on a node.
    pub max_watchers: usize,
    /// Largest number of watchers of one session. Tabs share a watcher if browsers permit that.
    pub max_watchers_per_session: usize,
    /// Largest number of watchers of one user, in all sessions.
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

/// Whether strangers may see the names of databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// The log-in page lists the names.
    Yes,
    /// A person must know the name.
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
