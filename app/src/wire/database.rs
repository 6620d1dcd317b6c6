//! Databases: the choice of a database.

use serde::{Deserialize, Serialize};

/// The databases to choose from at log-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DatabaseChoice {
    /// No choice: there is one database, and it is chosen.
    Settled,
    /// There is no database yet: the page tells an administrator which command creates one.
    Missing,
    /// The names that this host may see, at least two, in order.
    Listed {
        /// All visible names.
        names: Vec<String>,
        /// The database chosen before, by cookie.
        chosen: Option<String>,
    },
    /// Names are hidden (`[database] list = false`): the person types the name.
    Typed {
        /// The database chosen before, by cookie.
        chosen: Option<String>,
    },
}

impl DatabaseChoice {
    /// The database chosen before, if there is a choice.
    pub fn chosen(&self) -> Option<&str> {
        match self {
            Self::Settled | Self::Missing => None,
            Self::Listed { chosen, .. } | Self::Typed { chosen } => chosen.as_deref(),
        }
    }

    /// The same choice with another name chosen, if one is given.
    #[must_use]
    pub fn choosing(self, name: Option<String>) -> Self {
        match (self, name) {
            (Self::Listed { names, .. }, Some(name)) => Self::Listed {
                names,
                chosen: Some(name),
            },
            (Self::Typed { .. }, Some(name)) => Self::Typed { chosen: Some(name) },
            (choice, _) => choice,
        }
    }
}
