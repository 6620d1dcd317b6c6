//! The companies that the visitor's session works for.

use leptos::prelude::*;

use crate::{
    audience::Audience,
    function::Function,
    routes,
    wire::{ApiError, company::CompanyId},
};

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] =
    &[Function::of::<ChooseCompanies>(Audience::Person).with_form_on_every_page(routes::HOME)];

/// Makes the session work for other companies. With `only` the session works for that company
/// alone; else for all of `companies`. The main company stays the main one if it is among them.
#[server(endpoint = "choose_companies")]
pub async fn choose_companies(
    only: Option<CompanyId>,
    #[server(default)] companies: Vec<CompanyId>,
) -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    visitor.choose_companies(only, companies).await
}
