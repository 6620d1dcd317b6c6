//! What a form showed at first.

use leptos::prelude::*;

/// The name of the fields.
pub const SHOWN: &str = "shown[]";

/// The ids that the boxes of a form show as given, so that the server changes what the person has changed, and nothing else.
/// The page may be older than another person's change, and need not show everything.
#[component]
pub fn Shown(ids: Vec<String>) -> impl IntoView {
    let fields = ids.into_iter();
    let fields = fields.map(|id| view! { <input type="hidden" name=SHOWN value=id/> });
    fields.collect_view()
}
