//! A list of which one value is chosen, with its label.

use leptos::prelude::*;

/// A labelled list of which one value is chosen.
#[component]
pub fn Choice(
    /// Element id and name in the form.
    name: &'static str,
    label: &'static str,
    /// The values, and their words.
    options: Vec<(String, String)>,
    chosen: String,
    /// Whether the choice caused the form's failure. The list then has the focus when the page opens.
    #[prop(optional)]
    invalid: bool,
    /// The element id of the error.
    #[prop(optional)]
    error_id: Option<&'static str>,
) -> impl IntoView {
    let options = options.into_iter().map(move |(value, words)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{words}</option> }
    });
    view! {
        <div class="field">
            <label class="field__label" for=name>{label}</label>
            <select
                class="field__input"
                id=name
                name=name
                autofocus=invalid
                aria-invalid=invalid.then_some("true")
                aria-describedby=error_id.filter(|_| invalid)
            >
                {options.collect_view()}
            </select>
        </div>
    }
}
