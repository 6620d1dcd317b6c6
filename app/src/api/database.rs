//! Databases: the choice of a database.

use std::collections::BTreeMap;

use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    audience::Audience,
    function::Function,
    routes,
    wire::{ApiError, database::DatabaseChoice},
};

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::of::<ReadDatabaseChoice>(Audience::Anyone),
    Function::of::<ReadLogIns>(Audience::Anyone),
    Function::of::<SelectDatabase>(Audience::Anyone).with_form(routes::DATABASES, &["database"]),
];

/// The databases that this visitor can choose from.
#[server(name = ReadDatabaseChoice, endpoint = "database_choice", input = GetUrl)]
pub async fn database_choice() -> Result<DatabaseChoice, ApiError> {
    crate::request::Visitor::current()?.database_choice().await
}

/// The databases that this browser is logged in to, each with the name of the person. Empty where names are hidden.
#[server(name = ReadLogIns, endpoint = "log_ins", input = GetUrl)]
pub async fn log_ins() -> Result<BTreeMap<String, String>, ApiError> {
    crate::request::Visitor::current()?.log_ins().await
}

/// Chooses the database for the log-in page and `/`, and goes to the log-in page.
#[server(endpoint = "select_database")]
pub async fn select_database(database: String) -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    visitor.choose_database(&database).await?;
    visitor.redirect_form(routes::LOG_IN);
    Ok(())
}
