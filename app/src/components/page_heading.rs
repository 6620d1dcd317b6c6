//! The heading of a page, and the title of its document.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{browser, text::text};

const ID: &str = "page-heading";

/// The one `<h1>` of a page. After a navigation without a new document it takes the focus, as a
/// new document would start a reader at its top.
#[component]
pub fn PageHeading(
    /// What stands on the page.
    #[prop(into)]
    heading: String,
    /// What stands in the document's title, if it is something else.
    #[prop(optional)]
    title: Option<&'static str>,
) -> impl IntoView {
    if browser::is_hydrated() {
        browser::focus(ID);
    }
    let title = text().page_title(title.unwrap_or(&heading));
    view! {
        <Title text=title/>
        <h1 class="page-heading" id=ID tabindex="-1">{heading}</h1>
    }
}
