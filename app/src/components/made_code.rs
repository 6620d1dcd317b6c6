//! A newly created log-in code, shown once.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::text;

/// A live region, like `Status`. The code stands out and does not break at its hyphen, because the person
/// types it on another device.
#[component]
pub fn MadeCode(code: Signal<Option<String>>) -> impl IntoView {
    let text = text::log_in_code();
    let say = move |code: String| {
        let message = text.made(&code);
        let (before, after) = message.split_once(&*code).unwrap_or((&message, ""));
        let (before, after) = (before.to_owned(), after.to_owned());
        view! {
            <p class="status__message">
                <Icon shape=Shape::Check/>
                <span>{before}<strong class="status__code">{code}</strong>{after}</span>
            </p>
        }
    };
    view! { <div class="status" role="status">{move || code.get().map(say)}</div> }
}
