//! The interface for modules, which decide about log-ins and observe events.
//!
//! `decide.rs` has what a module decides, `event.rs` and `observe.rs` what it is told of. `host.rs` asks and tells the modules of a
//! core. Each module runs on threads of its own (`runtime.rs`), so that a slow, blocking or failing module stops no other request.

mod decide;
mod event;
mod host;
mod observe;
mod runtime;

pub use decide::{Candidate, DecideLogIn, Decision, Denial, Opening};
pub use event::{
    AnyEvent, CompaniesChanged, CompanyRefused, DeviceAcknowledged, DeviceNamed, Event,
    LogInCodeMade, LogInCodeUsed, LogInFailed, LogInFailure, LogInSucceeded, PasswordChanged,
    SessionEnded, Told, WrongCurrentPassword,
};
pub use host::HostedModule;
pub(crate) use host::{Gathered, Modules, Refused};
pub use observe::Observe;
pub(crate) use runtime::ModuleFailed;

/// The cause of a module's failure, for the log.
pub type ModuleError = Box<dyn std::error::Error + Send + Sync>;
