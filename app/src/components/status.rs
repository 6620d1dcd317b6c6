//! The confirmation of an action.

use leptos::prelude::*;

use super::icon::{Icon, Shape};

/// A live region: each new `message` is read out and stays on the page.
#[component]
pub fn Status(message: Signal<Option<String>>) -> impl IntoView {
    view! {
        <div class="status" role="status">
            {move || {
                message
                    .get()
                    .map(|message| {
                        view! {
                            <p class="status__message">
                                <Icon shape=Shape::Check/>
                                <span>{message}</span>
                            </p>
                        }
                    })
            }}
        </div>
    }
}
