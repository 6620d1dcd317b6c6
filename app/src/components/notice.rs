//! A notice about the page itself.

use leptos::prelude::*;

use super::icon::{Icon, Shape};

/// A live region, which is read out when `message` appears, and is empty without a message.
#[component]
pub fn Notice(
    /// A further class of the message, besides `notice`.
    #[prop(optional)]
    class: &'static str,
    #[prop(into)] message: Signal<Option<&'static str>>,
) -> impl IntoView {
    view! {
        <div class="status" aria-live="polite">
            {move || {
                message
                    .get()
                    .map(|message| {
                        view! {
                            <div class=["notice ", class].concat()>
                                <Icon shape=Shape::Info/>
                                <p>{message}</p>
                            </div>
                        }
                    })
            }}
        </div>
    }
}
