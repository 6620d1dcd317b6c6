//! Technical names, ids and values, which only debug mode shows.

use leptos::prelude::*;

use crate::page::debug;

/// A technical name, id or value.
#[component]
pub fn Technical(#[prop(into)] name: String) -> impl IntoView {
    debug::mode()
        .is_on()
        .then(|| view! { <code class="technical" dir="ltr">{name}</code> })
}

/// The same as an item of a list of facts.
#[component]
pub fn TechnicalFact(#[prop(into)] name: String) -> impl IntoView {
    debug::mode()
        .is_on()
        .then(|| view! { <li><Technical name/></li> })
}
