//! A list of options with its label.

use leptos::prelude::*;

/// A labelled list. Its name in the form is its element id.
#[component]
pub fn SelectField(
    /// Element id and name in the form.
    name: &'static str,
    label: &'static str,
    /// Whether the choice caused the form's failure.
    invalid: bool,
    /// The element id of the error.
    error_id: &'static str,
    /// The options.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field">
            <label class="field__label" for=name>{label}</label>
            <div class="field__control">
                <select
                    class="field__input field__input--select"
                    id=name
                    name=name
                    aria-invalid=invalid.then_some("true")
                    aria-describedby=invalid.then_some(error_id)
                >
                    {children()}
                </select>
            </div>
        </div>
    }
}
