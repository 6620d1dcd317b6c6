//! The page with one card, for people who are not logged in yet.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::text::text;

/// The product's name, then `above`, the card, and `below`.
#[component]
pub fn NarrowPage(
    /// The view between name and card.
    #[prop(optional, into)]
    above: ViewFnOnce,
    /// The view under the card.
    #[prop(optional, into)]
    below: ViewFnOnce,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="narrow-page">
            <p class="narrow-page__brand">
                <Icon shape=Shape::Key/>
                <span>{text().product()}</span>
            </p>
            {above.run()}
            <div class="card">{children()}</div>
            {below.run()}
        </div>
    }
    .into_any()
}
