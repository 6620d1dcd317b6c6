//! The page for an unknown address.

use leptos::prelude::*;

use super::Page;
use crate::{
    audience::Audience,
    components::page_heading::PageHeading,
    page, routes,
    text::{Text, text},
    wire::ApiError,
};

/// The page of every address that no page has.
pub const PAGE: Page = Page::new("", Audience::Anyone, Text::not_found_title, || {
    NotFound().into_any()
});

/// The page of every address outside of the route table.
#[component]
fn NotFound() -> impl IntoView {
    let text = text();
    page::set_status_of(&ApiError::NotFound);
    view! {
        <div class="page">
            <PageHeading heading=text.not_found_title()/>
            <p class="lead">{text.not_found_lead()}</p>
            <p><a href=routes::HOME rel="external">{text.not_found_home()}</a></p>
        </div>
    }
}
