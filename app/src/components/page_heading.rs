//! The heading of a page.

use leptos::prelude::*;

const ID: &str = "page-heading";

/// The only `<h1>` of a page.
#[component]
pub fn PageHeading(
    /// The heading on the page.
    #[prop(into)]
    heading: String,
) -> impl IntoView {
    view! { <h1 class="page-heading" id=ID tabindex="-1">{heading}</h1> }
}
