//! The page for an unknown address.

use leptos::prelude::*;

use crate::{api::ApiError, components::page_heading::PageHeading, page, routes, text::text};

/// The page of every address outside of the route table.
#[component]
pub fn NotFound() -> impl IntoView {
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
