//! Whose password it is, for password managers.

use leptos::prelude::*;

/// Says the login to password managers, which else keep a new password under no name. It has no
/// name in the form, so it is not sent.
#[component]
pub fn UsernameHint(login: Option<String>) -> impl IntoView {
    login.map(
        |login| view! { <input type="text" autocomplete="username" value=login readonly hidden/> },
    )
}
