//! What stands where data is still on its way.

use leptos::prelude::*;

use crate::text::text;

/// Says so, after a moment.
#[component]
pub fn Loading() -> impl IntoView {
    view! { <p class="loading" role="status">{text().loading()}</p> }
}
