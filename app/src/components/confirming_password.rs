//! The person's own password, where the identity was not confirmed recently.

use leptos::prelude::*;

use super::text_field::{Content, TextField};
use crate::{page, text, wire::ApiError};

/// The field, for a form that the server renders. A page with several such forms gives each field an id.
#[component]
pub fn ConfirmingPassword(
    /// The element id.
    id: &'static str,
    /// The element id of the form's error.
    error_id: &'static str,
    /// Whether the password caused the form's failure.
    invalid: bool,
) -> impl IntoView {
    (!page::is_confirmed()).then(|| {
        view! {
            <TextField
                name="confirming_password"
                id=id
                label=text::confirm().password()
                content=Content::CurrentPassword
                invalid=invalid
                error_id=error_id
                autofocus=invalid
            />
        }
    })
}

/// Whether the error is about the person's own password.
pub fn is_about_password(error: Option<&ApiError>) -> bool {
    matches!(
        error,
        Some(ApiError::WrongPassword | ApiError::ConfirmationRequired)
    )
}
