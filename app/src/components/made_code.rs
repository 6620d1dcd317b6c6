//! A log-in code that was just made, shown once.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::text::text;

/// A live region, as `Status` is. The code stands out and is not broken at its hyphen: the person is
/// about to type it on another device.
#[component]
pub fn MadeCode(code: Signal<Option<String>>) -> impl IntoView {
    let text = text();
    let say = move |code: String| {
        let message = text.code_made(&code);
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
