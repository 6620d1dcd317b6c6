//! A technical name, which only debug mode shows.

use leptos::prelude::*;

use crate::page::debug;

/// The name, as commands and modules know it.
#[component]
pub fn Technical(#[prop(into)] name: String) -> impl IntoView {
    debug::mode()
        .is_on()
        .then(|| view! { <code class="technical" dir="ltr">{name}</code> })
}
