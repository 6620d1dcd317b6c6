//! The words that the core, the pages and the commands share: ids, and types whose variants are named in PostgreSQL, on
//! the wire and in output for programs.
//!
//! The browser loads this crate, too. So the crate holds plain data, and depends on no other crate of Latchkey.

pub mod access;
mod account;
mod audit;
mod device;
mod id;
mod numbers;
mod policy;
mod preferences;
mod session;

pub use access::{Resource, Scope, Verb, Verbs};
pub use account::{ChangedBy, Outcome, OwnWord};
pub use audit::{AuditAction, AuditSubject};
pub use device::{Computer, DeviceKind};
pub use id::{CompanyId, GroupId, SessionId, UserId};
pub use numbers::{DatabaseNumbers, MOST_COUNTED};
pub use policy::PolicySetting;
pub use preferences::{DateFormat, Theme, TimeFormat};
pub use session::{
    AuthenticatedBy, DebugMode, EndCause, ExpiryRule, MOST_ENDED, MOST_LISTED, Step,
};
