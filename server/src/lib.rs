//! The server of Latchkey: command line, configuration, log, router.
//!
//! A program with further modules is one statement:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use latchkey_module::prelude::*;
//! use latchkey_server::Latchkey;
//!
//! struct Witness;
//!
//! impl Module for Witness {
//!     const NAME: &'static str = "witness";
//!     type Config = NoOptions;
//!
//!     fn build(_: NoOptions, on: &mut Builder<Self>) -> Self {
//!         on.observes(tell);
//!         Self
//!     }
//! }
//!
//! async fn tell(seen: Seen<Witness, LogInSucceeded>) -> Result<(), ModuleError> {
//!     println!("{} logged in", seen.told.event.user.login);
//!     Ok(())
//! }
//!
//! fn main() -> ExitCode {
//!     Latchkey::new().module::<Witness>().run()
//! }
//! ```

// A page is one type that contains all its parts.
#![recursion_limit = "512"]

mod audit_log;
mod cli;
pub mod config;
mod connections;
mod log;
mod open_files;
mod output;
mod platform;
mod serve;
mod statements;
mod stop_signal;
mod text;
pub mod web;

use std::process::ExitCode;

use latchkey_module::{Module, Registration};

/// The program: the command line and everything behind it, with the registered modules.
pub struct Latchkey {
    modules: Vec<Registration>,
}

impl Latchkey {
    /// The program with the product's own module: the audit log.
    pub fn new() -> Self {
        Self {
            modules: vec![Registration::of::<audit_log::AuditLog>()],
        }
    }

    /// Registers a further module. Modules decide in the order of their registration.
    #[must_use]
    pub fn module<M: Module>(mut self) -> Self {
        self.modules.push(Registration::of::<M>());
        self
    }

    /// Runs the command of the command line. The exit code is 0 when the command is done, 1 when it failed, 2
    /// when the command line or the configuration has a mistake, and 3 when the folder holds no server's
    /// data.
    pub fn run(self) -> ExitCode {
        cli::run(self.modules)
    }
}

impl Default for Latchkey {
    fn default() -> Self {
        Self::new()
    }
}

/// The module of the manual compiles.
#[cfg(doctest)]
#[doc = include_str!("../../docs/extending.md")]
struct Extending;

/// The number of cases of each fuzz target: some thousand, unless a variable sets another number.
#[cfg(test)]
fn fuzz_cases() -> proptest::test_runner::Config {
    let asked = proptest::test_runner::Config::default();
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => asked,
        None => proptest::test_runner::Config {
            cases: 2_000,
            ..asked
        },
    }
}
