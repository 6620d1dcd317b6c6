//! A new one-time password or log-in code of another user, shown once.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::text::text;

/// The password between what was done and what the administrator has to know.
#[component]
pub fn OneTimePassword(done: String, password: String) -> impl IntoView {
    let hint = text().one_time_password_hint();
    view! { <ShownOnce done secret=password hint/> }
}

/// A secret that only this page shows, between what was done and what the person has to know.
#[component]
pub fn ShownOnce(done: String, secret: String, hint: &'static str) -> impl IntoView {
    view! {
        <div class="status" role="status" tabindex="-1" autofocus>
            <p class="status__message">
                <Icon shape=Shape::Check/>
                <span>
                    {done} " " <strong class="status__code">{secret}</strong> " " {hint}
                </span>
            </p>
        </div>
    }
}
