//! The error of a form.

use leptos::{either::Either, prelude::*};

use super::icon::{Icon, Shape};
use crate::{browser, page, text, wire::ApiError, wording};

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
    /// The seconds until the form may be sent again, if it has to wait.
    #[prop(optional, into)]
    seconds_to_wait: Signal<Option<u32>>,
    /// The seconds to wait after one more failure, if it causes a wait.
    #[prop(optional, into)]
    next_delay: Signal<Option<u32>>,
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
        let warning = next_delay
            .get()
            .map(|seconds| wording::last_attempt(text, seconds));
        Some(view! {
            <div class="alert" id=id role="alert" tabindex="-1" autofocus=field.get_untracked().is_none()>
                <Icon shape=Shape::Alert/>
                <div>
                    {sentence(error, seconds_to_wait)}
                    {warning.map(|warning| view! { <p>{warning}</p> })}
                    {reference.map(|reference| view! { <p class="alert__reference">{reference}</p> })}
                </div>
            </div>
        })
    }
}

/// The error in words. A wait counts down without a word of screen readers, which read only its begin and its end.
fn sentence(error: ApiError, seconds_to_wait: Signal<Option<u32>>) -> impl IntoView {
    let text = text::error();
    if !matches!(error, ApiError::TooManyAttempts { .. }) {
        return Either::Left(view! { <p>{wording::error(text, &error)}</p> });
    }
    let is_over = Memo::new(move |_| seconds_to_wait.get() == Some(0));
    Either::Right(move || {
        if is_over.get() {
            return Either::Left(view! { <p>{text.try_again_now()}</p> });
        }
        let error = error.clone();
        let left = move || match seconds_to_wait.get() {
            Some(retry_after_seconds) => ApiError::TooManyAttempts {
                retry_after_seconds,
            },
            None => error.clone(),
        };
        Either::Right(view! { <p role="timer">{move || wording::error(text, &left())}</p> })
    })
}
