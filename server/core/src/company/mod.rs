//! Companies of a database, and the companies that a session works for.

mod active;
mod colour;
mod logo;
mod profile;
pub(crate) mod store;

use time::OffsetDateTime;

pub use active::ActiveCompanies;
pub use colour::{Colour, InvalidColour};
pub use latchkey_words::CompanyId;
pub use logo::{InvalidLogo, Logo, LogoId, MOST_LOGO_BYTES, MOST_LOGO_SIDE};
pub use profile::{CompanyDefaults, CompanyProfile};

use crate::{DisplayedName, likeness};

/// A company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// The id.
    pub id: CompanyId,
    /// The name, unique in the database regardless of spelling.
    pub name: String,
    /// What the company brings for its users.
    pub profile: CompanyProfile,
    /// The logo.
    pub logo: Option<LogoId>,
}

/// A company in an administrator's list.
#[derive(Clone, Debug)]
pub struct CompanyRecord {
    /// The company.
    pub company: Company,
    /// The time of the company's creation.
    pub created_at: OffsetDateTime,
    /// The time since when users cannot work for the company; `None` if it is in use.
    pub archived_at: Option<OffsetDateTime>,
    /// Number of users who may work for the company.
    pub users: u32,
}

/// A name without differences of spelling.
fn key(name: &DisplayedName) -> String {
    likeness::folded(name.as_str())
}
