//! The companies that the visitor's session works for; and the companies of the database, for people with a right to companies.

use latchkey_words::{Resource, Verb};
use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    audience::Audience,
    function::Function,
    routes,
    wire::{
        ApiError,
        company::{CompanyDetails, CompanyId, ListedCompany},
    },
};

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::of::<ChooseCompanies>(Audience::Person).with_form_on_every_page(routes::HOME),
    Function::of::<ListCompanies>(Audience::Right(Verb::Read, Resource::COMPANIES)),
    Function::of::<ShowCompany>(Audience::Right(Verb::Read, Resource::COMPANIES)),
    Function::of::<AddCompany>(Audience::Right(Verb::Create, Resource::COMPANIES))
        .with_form(routes::ADD_COMPANY, &["name"]),
    Function::of::<RenameCompany>(Audience::Right(Verb::Write, Resource::COMPANIES))
        .with_form_about_one(routes::COMPANIES, routes::COMPANY, &["id", "name"]),
    Function::of::<SetCompanyProfile>(Audience::Right(Verb::Write, Resource::COMPANIES))
        .with_form_about_one(
            routes::COMPANIES,
            routes::COMPANY,
            &["id", "marked", "colour", "language", "time_zone"],
        ),
    Function::of::<ArchiveCompany>(Audience::Right(Verb::Write, Resource::COMPANIES))
        .with_form_about_one(routes::COMPANIES, routes::COMPANY, &["id"]),
    Function::of::<RestoreCompany>(Audience::Right(Verb::Write, Resource::COMPANIES))
        .with_form_about_one(routes::COMPANIES, routes::COMPANY, &["id"]),
];

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

/// The companies that the caller may see, archived ones too, the oldest first.
#[server(endpoint = "list_companies", input = GetUrl)]
pub async fn list_companies() -> Result<Vec<ListedCompany>, ApiError> {
    crate::request::Visitor::current()?.companies().await
}

/// The company with an id, whatever its text, and what the caller may do.
#[server(endpoint = "show_company", input = GetUrl)]
pub async fn show_company(id: String) -> Result<CompanyDetails, ApiError> {
    crate::request::Visitor::current()?.company(&id).await
}

/// Adds a company, for which no user works yet.
#[server(endpoint = "add_company")]
pub async fn add_company(
    name: String,
    #[server(default)] confirming_password: String,
) -> Result<CompanyId, ApiError> {
    crate::request::Visitor::current()?
        .add_company::<AddCompany>(&name, confirming_password)
        .await
}

/// Gives a company another name.
#[server(endpoint = "rename_company")]
pub async fn rename_company(
    id: CompanyId,
    name: String,
    #[server(default)] confirming_password: String,
) -> Result<(), ApiError> {
    crate::request::Visitor::current()?
        .rename_company::<RenameCompany>(id, &name, confirming_password)
        .await
}

/// Gives a company another mark, and another language and time zone of users who have chosen none. An empty text stands for none.
/// The colour counts if `marked` is there: a browser's field of a colour is never empty.
#[server(endpoint = "set_company_profile")]
pub async fn set_company_profile(
    id: CompanyId,
    marked: Option<String>,
    #[server(default)] colour: String,
    #[server(default)] language: String,
    #[server(default)] time_zone: String,
    #[server(default)] confirming_password: String,
) -> Result<(), ApiError> {
    let typed = crate::request::TypedCompany {
        colour: marked.map(|_on| colour),
        language,
        time_zone,
    };
    crate::request::Visitor::current()?
        .set_company_profile::<SetCompanyProfile>(id, typed, confirming_password)
        .await
}

/// Archives a company: from the next request on, no session works for it.
#[server(endpoint = "archive_company")]
pub async fn archive_company(
    id: CompanyId,
    #[server(default)] confirming_password: String,
) -> Result<(), ApiError> {
    crate::request::Visitor::current()?
        .archive_company::<ArchiveCompany>(id, confirming_password)
        .await
}

/// Puts an archived company to use again.
#[server(endpoint = "restore_company")]
pub async fn restore_company(
    id: CompanyId,
    #[server(default)] confirming_password: String,
) -> Result<(), ApiError> {
    crate::request::Visitor::current()?
        .restore_company::<RestoreCompany>(id, confirming_password)
        .await
}
