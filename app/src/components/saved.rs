//! The word that a form was saved, beside the form's button.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::text;

/// Says that the form was saved. It has the focus when the page opens, so that screen readers read it, and so that the
/// page shows the place of the form.
#[component]
pub fn Saved() -> impl IntoView {
    view! {
        <p class="saved" role="status" tabindex="-1" autofocus>
            <Icon shape=Shape::Check/>
            <span>{text::profile().saved()}</span>
        </p>
    }
}
