//! The button that sends a form once.

use leptos::prelude::*;

/// How much a button asks to be pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emphasis {
    /// The one thing to do here.
    Primary,
    /// It takes something away.
    Danger,
}

impl Emphasis {
    const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button button--primary",
            Self::Danger => "button button--danger",
        }
    }
}

/// Sends its form. While an answer is awaited it shows so and does not send again, but keeps the
/// focus, which a disabled button would lose.
#[component]
pub fn SubmitButton(
    #[prop(into)] label: String,
    emphasis: Emphasis,
    #[prop(into)] pending: Signal<bool>,
) -> impl IntoView {
    view! {
        <button
            class=emphasis.class()
            type="submit"
            aria-busy=move || pending.get().then_some("true")
            aria-disabled=move || pending.get().then_some("true")
            on:click=move |event| {
                if pending.get_untracked() {
                    event.prevent_default();
                }
            }
        >
            <span class="button__label">{label}</span>
        </button>
    }
}
