//! The error of a form.

use leptos::{either::Either, prelude::*};

use super::icon::{Icon, Shape};
use crate::{
    browser, page,
    text::{self, ErrorText},
    wire::{ApiError, Wait},
    wording,
};

/// The error of a form. Screen readers read it when it appears. The focus moves to the field that the person has to
/// fill in again, or else to the error.
#[component]
pub fn ErrorAlert(
    /// The element id, for `aria-describedby` of the fields.
    id: &'static str,
    error: Signal<Option<ApiError>>,
    /// The element id of the field to fill in again. The field's own `autofocus` does the same without script.
    #[prop(optional, into)]
    field: Signal<Option<&'static str>>,
    /// The wait that failed log-ins have caused, or will cause.
    #[prop(optional, into)]
    wait: Signal<Option<Wait>>,
    /// The seconds of the wait that are left, if the page counts down.
    #[prop(optional, into)]
    seconds_to_wait: Signal<Option<u32>>,
) -> impl IntoView {
    let text = text::error();
    Effect::new(move |_| {
        if let Some(error) = error.get() {
            page::leave_if_locked_out(&error);
            browser::focus(field.get_untracked().unwrap_or(id));
        }
    });
    move || {
        let error = error.get()?;
        let reference = wording::reference(text, &error);
        let (sentence, wait) = match error {
            ApiError::TooManyAttempts {
                retry_after_seconds,
                is_code_refused,
            } => {
                let sentence = is_code_refused.then(|| text.code_refused().to_owned());
                (sentence, Some(Wait::Now(retry_after_seconds)))
            }
            error => (Some(wording::error(text, &error)), wait.get()),
        };
        Some(view! {
            <div class="alert" id=id role="alert" tabindex="-1" autofocus=field.get_untracked().is_none()>
                <Icon shape=Shape::Alert/>
                <div>
                    {sentence.map(|sentence| view! { <p>{sentence}</p> })}
                    {wait.map(|wait| wait_in_words(text, wait, seconds_to_wait))}
                    {reference.map(|reference| view! { <p class="alert__reference">{reference}</p> })}
                </div>
            </div>
        })
    }
}

/// The wait in words. It counts down without a word of screen readers, which read only its begin and its end.
fn wait_in_words(
    text: ErrorText,
    wait: Wait,
    seconds_to_wait: Signal<Option<u32>>,
) -> impl IntoView {
    let from = match wait {
        Wait::Now(seconds) => seconds,
        Wait::AfterNextFailure(seconds) => {
            return Either::Left(view! { <p>{wording::last_attempt(text, seconds)}</p> });
        }
    };
    let is_over = Memo::new(move |_| seconds_to_wait.get() == Some(0));
    Either::Right(move || {
        if is_over.get() {
            return Either::Left(view! { <p>{text.try_again_now()}</p> });
        }
        let left = move || wording::too_many_attempts(text, seconds_to_wait.get().unwrap_or(from));
        Either::Right(view! { <p role="timer">{left}</p> })
    })
}
