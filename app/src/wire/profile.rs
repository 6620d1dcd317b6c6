//! The person's own name and preferences.

use serde::{Deserialize, Serialize};

pub use latchkey_words::{DateFormat, Theme, TimeFormat};

pub use super::locale::{LanguageChoice, ZoneChoice, ZoneGroup};
use super::{
    Moment,
    company::{CompanyChoice, CompanyId},
};

/// The person, what the person prefers, and what there is to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The displayed name.
    pub name: String,
    /// The login.
    pub login: String,
    /// The name of the database.
    pub database: String,
    /// The code of the chosen language; `None` for the language of the company, or else that which the browser prefers.
    pub language: Option<String>,
    /// The languages of this server.
    pub languages: Vec<LanguageChoice>,
    /// The language of the company that the session works for.
    pub language_of_company: Option<LanguageChoice>,
    /// The chosen time zone; `None` for the zone of the company, or else that which the browser reports.
    pub time_zone: Option<String>,
    /// The zone without a choice, if it is known.
    pub zone_without_choice: Option<String>,
    /// All time zones.
    pub zones: Vec<ZoneGroup>,
    /// The spelling of dates.
    pub date_format: DateFormat,
    /// Today in each spelling of dates.
    pub dates: Vec<(DateFormat, String)>,
    /// The spelling of times.
    pub time_format: TimeFormat,
    /// This moment in each spelling of times.
    pub times: Vec<(TimeFormat, String)>,
    /// The colours of pages.
    pub theme: Theme,
    /// The companies to choose the default one from, which is the first; none if there is no choice.
    pub companies: Vec<CompanyChoice>,
    /// This moment, as the person reads moments.
    pub now: Moment,
}

/// The values that the form of the preferences showed when the page was made. Names and spellings are those of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownPreferences {
    /// The language; empty for the browser's.
    pub language: String,
    /// The time zone; empty for the browser's.
    pub time_zone: String,
    /// The spelling of dates.
    pub date_format: String,
    /// The spelling of times.
    pub time_format: String,
    /// The theme.
    pub theme: String,
    /// The default company; `None` where there was no choice.
    pub company: Option<CompanyId>,
}

impl ShownPreferences {
    /// The values as the hidden field of the form has them. Only the server writes and reads the field.
    #[cfg(feature = "ssr")]
    pub fn to_json(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// Only the server renders the field.
    #[cfg(not(feature = "ssr"))]
    pub fn to_json(&self) -> Option<String> {
        None
    }
}

/// The reason why a name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NameProblem {
    /// No character is visible.
    Empty,
    /// The name has too many characters.
    TooLong {
        /// The maximum, in characters.
        maximum: u32,
    },
    /// The name has control characters.
    ControlCharacter,
}

/// A preference whose value is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PreferenceField {
    /// The language.
    Language,
    /// The time zone.
    TimeZone,
    /// The spelling of dates.
    DateFormat,
    /// The spelling of times.
    TimeFormat,
    /// The theme.
    Theme,
    /// The default company.
    Company,
}
