//! The text that stands in place of data while they load.

use leptos::prelude::*;

use crate::text::text;

/// A text that appears after a moment.
#[component]
pub fn Loading() -> impl IntoView {
    view! { <p class="loading" role="status">{text().loading()}</p> }
}
