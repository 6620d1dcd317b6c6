//! The person's own name and preferences.

use leptos::prelude::*;

use crate::{
    audience::Audience,
    function::Function,
    routes,
    wire::{ApiError, profile::Profile},
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
        ],
    ),
    Function::of::<ChooseLanguage>(Audience::Anyone).with_form(routes::LOG_IN, &[]),
];

/// What the page of the profile shows.
#[cfg(feature = "ssr")]
pub async fn profile() -> Result<Profile, ApiError> {
    crate::request::Visitor::current()?.profile()
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

/// Saves all preferences. An empty `language` or `time_zone` is the browser's.
#[server(endpoint = "save_preferences")]
pub async fn save_preferences(
    language: String,
    time_zone: String,
    date_format: String,
    time_format: String,
    theme: String,
) -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let typed = crate::request::TypedPreferences {
        language,
        theme,
        time_zone,
        date_format,
        time_format,
    };
    visitor.save_preferences(&typed).await?;
    visitor.saved::<SavePreferences>();
    Ok(())
}

/// Chooses the language of the log-in page, and returns to it. `next` is the path to land on after the log-in.
#[server(endpoint = "choose_language")]
pub async fn choose_language(language: String, next: Option<String>) -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    visitor.choose_language(&language)?;
    let next = next.unwrap_or_default();
    visitor.redirect_form(&routes::log_in_then(&next));
    Ok(())
}
