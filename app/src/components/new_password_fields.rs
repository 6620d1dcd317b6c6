//! The two fields for a new password.

use leptos::prelude::*;

use super::text_field::{Content, TextField};
use crate::{
    browser, text,
    wire::{ApiError, PasswordProblem},
};

/// Element id and name of the field for the new password.
pub const NEW: &str = "new_password";
/// Element id and name of the field that repeats the password.
pub const REPEATED: &str = "repeated_password";

/// The field that caused the error, if one of these two did.
pub fn wrong_field(error: Option<&ApiError>) -> Option<&'static str> {
    match error? {
        ApiError::NewPassword(PasswordProblem::NotRepeated) => Some(REPEATED),
        ApiError::NewPassword(_) => Some(NEW),
        _ => None,
    }
}

/// Asks for the new password twice, and counts its characters. One button shows both.
#[component]
pub fn NewPasswordFields(
    /// The smallest number of characters.
    minimum: u32,
    error: Signal<Option<ApiError>>,
    /// The element id of the error.
    error_id: &'static str,
    /// The number of characters of the new password.
    typed: RwSignal<usize>,
    /// Whether the first field has the focus when the page opens.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let text = text::passwords();
    let revealed = RwSignal::new(false);
    let wrong = Memo::new(move |_| error.with(|error| wrong_field(error.as_ref())));
    let wrong_at_first = wrong.get_untracked();
    // The person compares two new passwords that differ by nothing, so the second is typed again.
    Effect::new(move |_| {
        if error.with(|error| wrong_field(error.as_ref())) == Some(REPEATED) {
            browser::clear_input(REPEATED);
        }
    });
    view! {
        <div class="fields">
            <TextField
                name=NEW
                label=text.new_password()
                content=Content::NewPassword
                hint=text.minimum(minimum)
                invalid=Signal::derive(move || wrong.get() == Some(NEW))
                error_id
                autofocus=autofocus || wrong_at_first == Some(NEW)
                revealable=true
                revealed
                typed
            />
            <Count minimum typed is_refused=Signal::derive(move || wrong.get() == Some(NEW))/>
        </div>
        <TextField
            name=REPEATED
            label=text.repeat_password()
            content=Content::NewPassword
            invalid=Signal::derive(move || wrong.get() == Some(REPEATED))
            error_id
            autofocus=wrong_at_first == Some(REPEATED)
            revealed
        />
    }
}

/// The number of typed characters. Screen readers do not read it at each key, only that the password is long
/// enough.
#[component]
fn Count(minimum: u32, typed: RwSignal<usize>, is_refused: Signal<bool>) -> impl IntoView {
    let text = text::passwords();
    let typed = Memo::new(move |_| u32::try_from(typed.get()).unwrap_or(u32::MAX));
    let count = move || match typed.get() {
        0 => None,
        typed if typed >= minimum => None,
        typed => Some(text.typed(&minimum.to_string(), &typed.to_string())),
    };
    let enough = Memo::new(move |_| typed.get() >= minimum && !is_refused.get());
    view! {
        <p class="field__count">
            <span aria-hidden="true">{count}</span>
            <span aria-live="polite">{move || enough.get().then(|| text.long_enough())}</span>
        </p>
    }
}
