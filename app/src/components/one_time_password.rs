//! A new one-time password of another user, shown once.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::text::text;

/// The password between what was done and what the administrator has to know.
#[component]
pub fn OneTimePassword(done: String, password: String) -> impl IntoView {
    view! {
        <div class="status" role="status" tabindex="-1" autofocus>
            <p class="status__message">
                <Icon shape=Shape::Check/>
                <span>
                    {done} " " <strong class="status__code">{password}</strong> " "
                    {text().one_time_password_hint()}
                </span>
            </p>
        </div>
    }
}
