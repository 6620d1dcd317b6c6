//! What a form without script has done, on the page that follows.

use leptos::prelude::*;

use super::icon::{Icon, Shape};

/// A sentence with the focus, so that a screen reader reads the sentence first.
#[component]
pub fn Done(words: String) -> impl IntoView {
    view! {
        <div class="status" role="status" tabindex="-1" autofocus>
            <p class="status__message">
                <Icon shape=Shape::Check/>
                <span>{words}</span>
            </p>
        </div>
    }
}
