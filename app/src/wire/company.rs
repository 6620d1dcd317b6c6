//! Companies, for the people who work for them, and for people with the right to read companies.

pub use latchkey_words::CompanyId;
use serde::{Deserialize, Serialize};

use super::locale::{LanguageChoice, ZoneGroup};

/// A company that the person may work for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyChoice {
    /// The id.
    pub id: CompanyId,
    /// The name.
    pub name: String,
    /// The mark of the company, as `#` and six hexadecimal digits.
    pub colour: Option<String>,
    /// Whether the session works for the company.
    pub is_active: bool,
    /// Whether the company is the main one of the session.
    pub is_main: bool,
}

/// A company, as a person with the right to read companies sees the company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedCompany {
    /// The id.
    pub id: CompanyId,
    /// The name.
    pub name: String,
    /// Whether the company is archived, so that no session works for it.
    pub is_archived: bool,
    /// Number of users who may work for the company.
    pub users: u32,
}

/// A company, and what the person may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyDetails {
    /// The company.
    pub company: ListedCompany,
    /// The mark of the company, as `#` and six hexadecimal digits.
    pub colour: Option<String>,
    /// The language of users who have chosen none.
    pub language: Option<LanguageChoice>,
    /// The time zone of users who have chosen none.
    pub time_zone: Option<String>,
    /// The address of the logo.
    pub logo: Option<String>,
    /// The languages of this server; none for a person who may not change the company.
    pub languages: Vec<LanguageChoice>,
    /// All time zones; none for a person who may not change the company.
    pub zones: Vec<ZoneGroup>,
    /// Whether the person may rename, archive and restore the company.
    pub may_write: bool,
}

/// The reason why companies are not chosen, made or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CompanyProblem {
    /// The person may not work for a company of the choice. 403.
    NotAllowed,
    /// The choice has no company. 422.
    NoneChosen,
    /// Another company has the name. 422.
    Taken,
    /// No other company is in use. 422.
    Last,
    /// Some users work for no other company in use. 422.
    OnlyOneOfUsers {
        /// The number of these users.
        users: u32,
    },
}
