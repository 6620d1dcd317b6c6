//! What a form showed at first.

use leptos::prelude::*;

/// The name of the fields.
pub const SHOWN: &str = "shown[]";

/// The values that the boxes of a form show as given, so that the server changes what the person has changed, and nothing else.
/// The page may be older than another person's change, and need not show everything.
#[component]
pub fn Shown(values: Vec<String>) -> impl IntoView {
    let fields = values.into_iter();
    let fields = fields.map(|value| view! { <input type="hidden" name=SHOWN value=value/> });
    fields.collect_view()
}
