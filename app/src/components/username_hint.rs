//! The login that belongs to a password field, for password managers.

use leptos::prelude::*;

/// Tells password managers the login, without which they would save a new password under no name. The field
/// has no name in the form, so it is not sent.
#[component]
pub fn UsernameHint(login: Option<String>) -> impl IntoView {
    login.map(
        |login| view! { <input type="text" autocomplete="username" value=login readonly hidden/> },
    )
}
