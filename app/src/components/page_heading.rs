//! The heading of a page, and the title of its document.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::text::text;

const ID: &str = "page-heading";

/// The one `<h1>` of a page.
#[component]
pub fn PageHeading(
    /// What stands on the page.
    #[prop(into)]
    heading: String,
    /// What stands in the document's title, if it is something else.
    #[prop(optional)]
    title: Option<&'static str>,
) -> impl IntoView {
    let title = text().page_title(title.unwrap_or(&heading));
    view! {
        <Title text=title/>
        <h1 class="page-heading" id=ID>{heading}</h1>
    }
}
