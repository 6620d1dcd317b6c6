//! What stands in the place of a page that the person has no right to.

use leptos::prelude::*;

use super::{Page, PageFrame};
use crate::{
    components::page_heading::PageHeading,
    page, routes,
    text::{Text, text},
    wire::ApiError,
};

/// The same page with the sentence that the person has no access, under the same address.
pub fn in_place_of(page: Page) -> Page {
    Page {
        title: Text::no_access_title,
        view: || NoAccess().into_any(),
        frame: PageFrame::Plain,
        ..page
    }
}

#[component]
fn NoAccess() -> impl IntoView {
    let text = text();
    page::set_status_of(&ApiError::NoAccess);
    view! {
        <div class="page">
            <PageHeading heading=text.no_access_title()/>
            <p class="lead">{text.no_access_lead()}</p>
            <p><a href=routes::HOME>{text.not_found_home()}</a></p>
        </div>
    }
}
