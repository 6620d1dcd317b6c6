//! The parts of Latchkey that do not depend on the web: databases, users, sessions, devices and the API for modules.
//!
//! [`Core`] gives access to all of them. [`Core::new`] takes the clock, the randomness and the settings. Each call
//! takes the rights of the caller.

pub mod access;
pub mod account;
pub mod activity;
pub mod attempt;
pub mod audit;
pub mod client;
pub mod clock;
pub mod company;
mod core;
pub mod database;
pub mod device;
mod displayed_name;
mod error;
pub mod language;
mod likeness;
pub mod live;
pub mod log_in;
pub mod module;
mod network;
pub mod place;
pub mod random;
#[cfg(test)]
mod secrets;
pub mod session;
pub mod settings;
pub mod sweep;
#[cfg(feature = "testing")]
pub mod testing;
pub mod user;

pub use crate::core::{Core, Parts, StartError};
pub use displayed_name::{DisplayedName, InvalidName, MOST_NAME_CHARACTERS};
pub use error::{StoreError, Throttled};
