//! The error of a form.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::{browser, page, text, wire::ApiError, wording};

/// The error of a form. It takes the focus when it appears, and screen readers read it.
#[component]
pub fn ErrorAlert(
    /// The element id, for `aria-describedby` of the fields.
    id: &'static str,
    error: Signal<Option<ApiError>>,
) -> impl IntoView {
    let text = text::error();
    Effect::new(move |_| {
        if let Some(error) = error.get() {
            page::leave_if_locked_out(&error);
            browser::focus(id);
        }
    });
    move || {
        let error = error.get()?;
        let sentence = wording::error(text, &error);
        let reference = wording::reference(text, &error);
        Some(view! {
            <div class="alert" id=id role="alert" tabindex="-1" autofocus>
                <Icon shape=Shape::Alert/>
                <div>
                    <p>{sentence}</p>
                    {reference.map(|reference| view! { <p class="alert__reference">{reference}</p> })}
                </div>
            </div>
        })
    }
}
