//! Languages and time zones to choose from.

use serde::{Deserialize, Serialize};

/// A language to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguageChoice {
    /// The BCP 47 code.
    pub code: String,
    /// The name in the language itself.
    pub name: String,
}

/// The time zones of a part of the world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneGroup {
    /// "Europe".
    pub region: String,
    /// The zones, by the names of their cities.
    pub zones: Vec<ZoneChoice>,
}

/// A time zone to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneChoice {
    /// The IANA name, as "Asia/Tokyo".
    pub name: String,
    /// "Tokyo".
    pub city: String,
}
