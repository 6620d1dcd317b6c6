//! The deletion of a thing in a list, in two steps.

use leptos::prelude::*;

use crate::text;

/// The button that opens what follows from the deletion, and closes it again, and the form that deletes. Works without script.
#[component]
pub fn Deletion(
    /// The words of the button that opens.
    words: &'static str,
    /// The words of the button with the name of the thing, for lists of buttons.
    label: String,
    /// What follows from the deletion.
    consequence: &'static str,
    /// Whether the form was refused, so that the person goes on with the form.
    is_open: bool,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="deletion" open=is_open>
            <summary class="button">
                <span class="deletion__ask">
                    <span aria-hidden="true">{words}</span>
                </span>
                <span class="deletion__cancel">{text::revoke().cancel()} " "</span>
                <span class="deletion__label">{label}</span>
            </summary>
            <div class="deletion__form">
                <p>{consequence}</p>
                {children()}
            </div>
        </details>
    }
}
