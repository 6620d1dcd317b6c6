//! The button that submits a form once.

use leptos::prelude::*;

/// The emphasis of a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emphasis {
    /// The main action of the page.
    Primary,
    /// An action that takes something away.
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

/// Submits its form. While the form waits for an answer the button shows that and does not submit again. The
/// button keeps the focus, which a disabled button would lose.
#[component]
pub fn SubmitButton(
    #[prop(into)] label: String,
    emphasis: Emphasis,
    #[prop(into)] pending: Signal<bool>,
    /// Whether it is too early to send the form again.
    #[prop(optional, into)]
    is_early: Signal<bool>,
) -> impl IntoView {
    let is_disabled = move || pending.get() || is_early.get();
    view! {
        <button
            class=emphasis.class()
            type="submit"
            aria-busy=move || pending.get().then_some("true")
            aria-disabled=move || is_disabled().then_some("true")
            on:click=move |event| {
                if untrack(is_disabled) {
                    event.prevent_default();
                }
            }
        >
            <span class="button__label">{label}</span>
        </button>
    }
}
