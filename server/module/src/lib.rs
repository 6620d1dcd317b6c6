//! The API of modules: what developers add to Latchkey without changing it.
//!
//! A module is a type with a name, a section of the configuration file, and what it registers with a [`Builder`]:
//!
//! ```
//! use latchkey_module::prelude::*;
//!
//! /// Lets people in on some days of the week.
//! struct OpenDays {
//!     days: Vec<String>,
//! }
//!
//! /// `[open_days]`
//! #[derive(Serialize, Deserialize)]
//! struct Options {
//!     days: Vec<String>,
//! }
//!
//! impl Section for Options {
//!     const DEFAULT: &'static str = "\
//! ## The days on which people can log in.
//! days = [\"Monday\", \"Tuesday\"]
//! ";
//!
//!     fn validate(&self, complaints: &mut Complaints) {
//!         complaints.unless(!self.days.is_empty(), "days", "must name a day");
//!     }
//! }
//!
//! impl Module for OpenDays {
//!     const NAME: &'static str = "open-days";
//!     type Config = Options;
//!
//!     fn build(options: Options, on: &mut Builder<Self>) -> Self {
//!         on.decides();
//!         Self { days: options.days }
//!     }
//! }
//!
//! #[async_trait]
//! impl DecideLogIn for OpenDays {
//!     type Evidence = ();
//!
//!     async fn gather(&self, _: &Candidate) -> Result<(), ModuleError> {
//!         Ok(())
//!     }
//!
//!     async fn decide(&self, opening: &Opening, (): ()) -> Result<Decision, ModuleError> {
//!         let today = opening.candidate.now.weekday().to_string();
//!         Ok(if self.days.contains(&today) {
//!             Decision::Allow
//!         } else {
//!             Decision::Deny {
//!                 code: "closed",
//!                 message: "You can log in on other days.".to_owned(),
//!             }
//!         })
//!     }
//! }
//! ```
//!
//! The program registers the type: `Latchkey::new().module::<OpenDays>().run()`.

mod module;
mod registration;
mod secret;
mod section;

pub use module::{Builder, Module, Seen};
pub use registration::Registration;
pub use secret::Secret;
pub use section::{Complaints, NoOptions, Section};

pub use latchkey_core::{
    client::{Agent, Client, TimeZoneName},
    company::CompanyId,
    database::DatabaseName,
    device::DeviceName,
    language::LanguageCode,
    module::{
        AnyEvent, Candidate, CompaniesChanged, CompanyRefused, DecideLogIn, Decision, Denial,
        DeviceAcknowledged, DeviceNamed, Event, LogInCodeMade, LogInCodeUsed, LogInFailed,
        LogInFailure, LogInSucceeded, ModuleError, Opening, PasswordChanged, SessionEnded, Told,
        WrongCurrentPassword,
    },
    session::{EndCause, SessionId},
    user::{User, UserId},
};

/// What most modules use.
pub mod prelude {
    pub use async_trait::async_trait;
    pub use serde::{Deserialize, Serialize};

    pub use crate::{
        AnyEvent, Builder, Candidate, Client, CompaniesChanged, CompanyRefused, Complaints,
        DatabaseName, DecideLogIn, Decision, DeviceAcknowledged, DeviceNamed, EndCause, Event,
        LogInCodeMade, LogInCodeUsed, LogInFailed, LogInFailure, LogInSucceeded, Module,
        ModuleError, NoOptions, Opening, PasswordChanged, Secret, Section, Seen, SessionEnded,
        SessionId, Told, User, UserId, WrongCurrentPassword,
    };
}
