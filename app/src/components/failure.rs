//! The failure that replaces a page's data if they cannot be loaded.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::{
    page,
    text::{self, text},
    wire::ApiError,
    wording,
};

/// A failure: a sentence, the reference of the line in the log, and a way to try again.
#[component]
#[expect(
    clippy::needless_pass_by_value,
    reason = "a component owns its properties"
)]
pub fn Failure(error: ApiError) -> impl IntoView {
    let text = text();
    let path = page::path();
    let sentence = wording::error(text::error(), &error);
    let reference = wording::reference(text::error(), &error);
    page::set_status_of(&error);
    // What does not exist is not there the next time, either.
    let again = (error != ApiError::NotFound)
        .then(|| view! { <a class="button" href=path>{text.try_again()}</a> });

    view! {
        <section class="failure" role="alert" aria-labelledby="failure-title">
            <Icon shape=Shape::Alert/>
            <h2 class="failure__title" id="failure-title">{text.failure_title()}</h2>
            <p>{sentence}</p>
            {reference.map(|reference| view! { <p class="failure__reference">{reference}</p> })}
            {again}
        </section>
    }
}
