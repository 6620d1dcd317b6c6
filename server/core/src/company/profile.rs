//! What a company brings for its users.

use super::{Colour, LogoId};
use crate::{client::TimeZoneName, language::LanguageCode};

/// The look of a company, and what its users have as long as they have chosen nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompanyProfile {
    /// The mark of the company in lists.
    pub colour: Option<Colour>,
    /// The language of users who have chosen none; `None` for the language that the browser prefers.
    pub language: Option<LanguageCode>,
    /// The time zone of users who have chosen none; `None` for the zone that the browser reports.
    pub time_zone: Option<TimeZoneName>,
}

/// What a request needs of the main company of its session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompanyDefaults {
    /// As in [`CompanyProfile`].
    pub language: Option<LanguageCode>,
    /// As in [`CompanyProfile`].
    pub time_zone: Option<TimeZoneName>,
    /// The logo.
    pub logo: Option<LogoId>,
}
