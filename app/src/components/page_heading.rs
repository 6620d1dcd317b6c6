//! The heading of a page.

use leptos::{either::Either, prelude::*};

const ID: &str = "page-heading";

/// The only `<h1>` of a page.
#[component]
pub fn PageHeading(
    /// The heading on the page.
    #[prop(into)]
    heading: String,
    /// Whether the heading is a name, which may be in another language than the page.
    #[prop(optional)]
    is_name: bool,
) -> impl IntoView {
    let heading = if is_name {
        Either::Left(view! { <bdi>{heading}</bdi> })
    } else {
        Either::Right(heading)
    };
    view! { <h1 class="page-heading" id=ID tabindex="-1">{heading}</h1> }
}
