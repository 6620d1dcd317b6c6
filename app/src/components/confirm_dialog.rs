//! The question before something is taken away.

use leptos::{
    ev::{Event, SubmitEvent},
    prelude::*,
};

use crate::{browser, text};

const ID: &str = "confirm";
const TITLE: &str = "confirm-title";
const CONSEQUENCE: &str = "confirm-consequence";

/// A dialog that asks for confirmation. Without script the dialog is a part of the page, rendered open, and
/// "Cancel" loads the page without it.
#[component]
pub fn ConfirmDialog<E: IntoView + 'static, C: IntoView + 'static>(
    /// Whether the dialog is open.
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// The consequence of "yes".
    #[prop(into)]
    consequence: Signal<String>,
    /// The page without the question.
    cancel_to: &'static str,
    /// Whether the request is under way, so that it is too late to cancel.
    #[prop(into)]
    pending: Signal<bool>,
    /// The error of the last "yes".
    error: E,
    /// The form for "yes".
    children: TypedChildren<C>,
) -> impl IntoView {
    Effect::new(move |_| {
        if open.get() {
            browser::show_dialog(ID);
        } else {
            browser::close_dialog(ID);
        }
    });
    let cancel = move |event: SubmitEvent| {
        event.prevent_default();
        if !pending.get_untracked() {
            open.set(false);
        }
    };

    view! {
        <dialog
            class="dialog"
            id=ID
            open=open.get_untracked()
            aria-labelledby=TITLE
            aria-describedby=CONSEQUENCE
            on:cancel=move |event: Event| {
                if pending.get_untracked() {
                    event.prevent_default();
                }
            }
            on:close=move |_| {
                if !browser::is_dialog_open(ID) {
                    open.set(false);
                }
            }
        >
            <h2 class="dialog__title" id=TITLE>{move || title.get()}</h2>
            <p class="dialog__text" id=CONSEQUENCE>{move || consequence.get()}</p>
            {error}
            <div class="dialog__actions">
                <form method="get" action=cancel_to on:submit=cancel>
                    <button class="button" type="submit" autofocus>{text::revoke().cancel()}</button>
                </form>
                {children.into_inner()()}
            </div>
        </dialog>
    }
}
