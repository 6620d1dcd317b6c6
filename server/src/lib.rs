//! The server of Latchkey: command line, configuration, log, router.
//!
//! A program with modules of its own is one statement:
//!
//! ```no_run
//! use std::{process::ExitCode, sync::Arc};
//!
//! use latchkey_core::module::Module;
//! use latchkey_server::Latchkey;
//!
//! struct OfficeHours;
//!
//! impl Module for OfficeHours {
//!     fn name(&self) -> &'static str {
//!         "office-hours"
//!     }
//! }
//!
//! fn main() -> ExitCode {
//!     Latchkey::new().module(Arc::new(OfficeHours)).run()
//! }
//! ```

// A page is one type with all that is in it.
#![recursion_limit = "512"]

mod audit_log;
mod cli;
pub mod config;
mod connections;
mod log;
mod open_files;
mod platform;
mod serve;
mod stop_signal;
pub mod web;

use std::{process::ExitCode, sync::Arc};

use latchkey_core::module::Module;

/// The program: the command line and everything behind it, with the modules that are registered.
pub struct Latchkey {
    modules: Vec<Arc<dyn Module>>,
}

impl Latchkey {
    /// With the modules that always come along: the audit log.
    pub fn new() -> Self {
        Self {
            modules: vec![Arc::new(audit_log::AuditLog)],
        }
    }

    /// Registers one more module. They decide in the order in which they are registered.
    #[must_use]
    pub fn module(mut self, module: Arc<dyn Module>) -> Self {
        self.modules.push(module);
        self
    }

    /// Does what the command line says. Gives 0 when it is done, 1 when it failed, 2 when the
    /// command line or the configuration makes no sense, and 3 when there is no data where it looked.
    pub fn run(self) -> ExitCode {
        cli::run(self.modules)
    }
}

impl Default for Latchkey {
    fn default() -> Self {
        Self::new()
    }
}

/// How often each fuzz target is tried: some thousand times, unless a variable asks for another number.
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
