//! The heading of a page, and the title of its document.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::text::text;

const ID: &str = "page-heading";

/// The only `<h1>` of a page.
#[component]
pub fn PageHeading(
    /// The heading on the page.
    #[prop(into)]
    heading: String,
    /// The document's title, if it differs from the heading.
    #[prop(optional)]
    title: Option<&'static str>,
) -> impl IntoView {
    let title = text().page_title(title.unwrap_or(&heading));
    view! {
        <Title text=title/>
        <h1 class="page-heading" id=ID>{heading}</h1>
    }
}
