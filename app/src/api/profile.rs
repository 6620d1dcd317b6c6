//! The person's own name and preferences.

use leptos::prelude::*;

use crate::{
    audience::Audience,
    function::Function,
    routes,
    wire::{ApiError, company::CompanyId, profile::Profile},
};

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::of::<ChangeName>(Audience::Person).with_form(routes::PROFILE, &["name"]),
    Function::of::<SavePreferences>(Audience::Person).with_form(
        routes::PROFILE,
        &[
            "language",
            "time_zone",
            "date_format",
            "time_format",
            "theme",
            "company",
            "shown",
        ],
    ),
    Function::of::<ChooseLanguage>(Audience::Anyone).with_form(routes::LOG_IN, &[]),
];

/// What the page of the profile shows.
#[cfg(feature = "ssr")]
pub async fn profile() -> Result<Profile, ApiError> {
    crate::request::Visitor::current()?.profile().await
}

/// The browser never renders the page.
#[cfg(not(feature = "ssr"))]
pub async fn profile() -> Result<Profile, ApiError> {
    Err(ApiError::NotFound)
}

/// Changes the displayed name.
#[server(endpoint = "change_name")]
pub async fn change_name(name: String) -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    visitor.rename(&name).await?;
    visitor.saved::<ChangeName>();
    Ok(())
}

/// Saves the preferences that differ from those that were `shown`, in JSON; without `shown`, all. An empty `language` or `time_zone` is
/// the browser's. `company` is the default company; without it the default company stays.
#[server(endpoint = "save_preferences")]
pub async fn save_preferences(
    language: String,
    time_zone: String,
    date_format: String,
    time_format: String,
    theme: String,
    company: Option<CompanyId>,
    shown: Option<String>,
) -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let typed = crate::request::TypedPreferences {
        language,
        theme,
        time_zone,
        date_format,
        time_format,
        company,
    };
    visitor.save_preferences(&typed, shown.as_deref()).await?;
    visitor.saved::<SavePreferences>();
    Ok(())
}

/// Chooses the language of the pages before the log-in, and returns to `page`, or else to the log-in page with `next`,
/// the path to land on after the log-in. The other fields are what was typed into the form of the page, to fill them in
/// again. A form also sends its password, which no argument takes.
#[server(endpoint = "choose_language")]
pub async fn choose_language(
    language: String,
    page: Option<String>,
    next: Option<String>,
    database: Option<String>,
    login: Option<String>,
    shared_computer: Option<String>,
) -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    visitor.choose_language(&language)?;
    let page = page.as_deref().and_then(routes::before_log_in);
    if let Some(page) = page {
        visitor.keep_typed::<super::database::SelectDatabase>(vec![("database", database)]);
        visitor.redirect_form(page);
        return Ok(());
    }
    visitor.keep_typed::<super::session::LogIn>(vec![
        ("database", database),
        ("login", login),
        ("shared_computer", shared_computer),
    ]);
    visitor.redirect_form(&routes::log_in_then(&next.unwrap_or_default()));
    Ok(())
}
