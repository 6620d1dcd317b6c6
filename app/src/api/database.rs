//! Databases: the choice of a database.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::{audience::Audience, function::Function, routes};

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

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::of::<ReadDatabaseChoice>(Audience::Anyone),
    Function::of::<SelectDatabase>(Audience::Anyone).with_form(routes::DATABASES, &["database"]),
];

/// The databases that this visitor can choose from.
#[server(name = ReadDatabaseChoice, endpoint = "database_choice", input = GetUrl)]
pub async fn database_choice() -> Result<DatabaseChoice, ApiError> {
    crate::request::Visitor::current()?.database_choice().await
}

/// Chooses the database for the log-in page and `/`, and goes to the log-in page.
#[server(endpoint = "select_database")]
pub async fn select_database(database: String) -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    visitor.choose_database(&database).await?;
    visitor.redirect_form(routes::LOG_IN);
    Ok(())
}
