//! Companies, for the people who work for them.

pub use latchkey_words::CompanyId;
use serde::{Deserialize, Serialize};

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

/// The reason why a choice of companies is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CompanyProblem {
    /// The person may not work for a company of the choice. 403.
    NotAllowed,
    /// The choice has no company. 422.
    NoneChosen,
}
