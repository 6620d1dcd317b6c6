//! Databases: which there are to choose from, and the choice.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

use super::ApiError;

/// What there is to choose at log-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DatabaseChoice {
    /// Nothing to choose: there is one, and it is taken.
    Settled,
    /// There is no database yet: the page tells an administrator what to type.
    Missing,
    /// The names that this host may see, at least two, in order.
    Listed {
        /// All visible names.
        names: Vec<String>,
        /// The one chosen before, by cookie.
        chosen: Option<String>,
    },
    /// Names are hidden (`[database] list = false`): the person has to know it.
    Typed {
        /// The one chosen before, by cookie.
        chosen: Option<String>,
    },
}

impl DatabaseChoice {
    /// The same with another name chosen, if there is one.
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

/// What there is to choose from for this visitor.
#[server(name = ReadDatabaseChoice, endpoint = "database_choice", input = GetUrl)]
pub async fn database_choice() -> Result<DatabaseChoice, ApiError> {
    crate::request::Visitor::current()?.database_choice().await
}

/// Chooses the database that the log-in page and `/` speak of, and goes to the log-in page.
#[server(endpoint = "select_database")]
pub async fn select_database(database: String) -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    visitor.choose_database(&database).await?;
    visitor.redirect_form(crate::routes::LOG_IN);
    Ok(())
}
