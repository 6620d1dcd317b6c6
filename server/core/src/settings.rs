//! The administrator's settings, in the form that the core needs. Each room defines its section.

pub use crate::{
    attempt::LogInSettings,
    database::{DatabaseSettings, Listed},
    live::LiveSettings,
    session::{AtMostOfUser, CookieLifetime, SessionSettings},
    user::PasswordSettings,
};

/// The settings that the core gets at its start. The defaults are those of the configuration file.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The lifetimes of sessions.
    pub sessions: SessionSettings,
    /// How passwords are hashed.
    pub passwords: PasswordSettings,
    /// The number of log-ins that may fail.
    pub log_in: LogInSettings,
    /// The visible databases, and the number of connections.
    pub databases: DatabaseSettings,
    /// The limits of watching for changes of sessions.
    pub live: LiveSettings,
}
