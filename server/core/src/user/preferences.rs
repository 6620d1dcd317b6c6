//! What a person prefers: the language of pages, their colours, and the spelling of moments.

use super::{DateFormat, Theme, TimeFormat};
use crate::{StoreError, client::TimeZoneName, database::Stored, language::LanguageCode};

/// What a person prefers. At first everything is automatic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// The language of pages; `None` for the language of the company, or else that which the browser prefers.
    pub language: Option<LanguageCode>,
    /// The colours of pages.
    pub theme: Theme,
    /// The time zone of times; `None` for the zone of the company, or else that which the browser reports.
    pub time_zone: Option<TimeZoneName>,
    /// The spelling of dates.
    pub date_format: DateFormat,
    /// The spelling of times.
    pub time_format: TimeFormat,
}

/// Preferences as PostgreSQL has them.
pub(crate) struct StoredPreferences {
    pub language: Option<String>,
    pub theme: Stored<Theme>,
    pub time_zone: Option<String>,
    pub date_format: Stored<DateFormat>,
    pub time_format: Stored<TimeFormat>,
}

impl StoredPreferences {
    /// The preferences. An unknown word is an error. Language and zone have their form by a constraint; a text of
    /// another form counts as automatic.
    pub(crate) fn known(self) -> Result<Preferences, StoreError> {
        Ok(Preferences {
            language: self.language.and_then(|code| code.parse().ok()),
            theme: self.theme.known()?,
            time_zone: self
                .time_zone
                .and_then(|zone| TimeZoneName::from_browser(&zone)),
            date_format: self.date_format.known()?,
            time_format: self.time_format.known()?,
        })
    }
}
