//! The field for the database in the log-in form.

use leptos::{either::EitherOf3, prelude::*};

use super::text_field::{Content, TextField};
use crate::{text, wire::database::DatabaseChoice};

const NAME: &str = "database";

/// A list, a text field, or nothing, depending on the choice.
#[component]
pub fn DatabaseField(
    choice: DatabaseChoice,
    #[prop(into)] invalid: Signal<bool>,
    /// The element id of the error.
    error_id: &'static str,
) -> impl IntoView {
    let label = text::log_in().database();
    match choice {
        DatabaseChoice::Settled | DatabaseChoice::Missing => EitherOf3::A(()),
        DatabaseChoice::Typed { chosen } => EitherOf3::B(view! {
            <TextField
                name=NAME
                label
                content=Content::Database
                value=chosen.unwrap_or_default()
                invalid
                error_id
            />
        }),
        DatabaseChoice::Listed { names, chosen } => {
            let options = names
                .into_iter()
                .map(|name| {
                    let selected = chosen.as_ref() == Some(&name);
                    view! { <option value=name selected=selected>{name.clone()}</option> }
                })
                .collect_view();
            EitherOf3::C(view! {
                <div class="field">
                    <label class="field__label" for=NAME>{label}</label>
                    <div class="field__control">
                        <select
                            class="field__input field__input--select"
                            id=NAME
                            name=NAME
                            aria-invalid=move || invalid.get().then_some("true")
                            aria-describedby=move || invalid.get().then_some(error_id)
                        >
                            {options}
                        </select>
                    </div>
                </div>
            })
        }
    }
}
