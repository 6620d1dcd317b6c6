//! The question before one device, or all other devices, are revoked.

use leptos::{form::ActionForm, prelude::*};

use super::board::{Board, Subject};
use crate::{
    components::{
        confirm_dialog::ConfirmDialog,
        error_alert::ErrorAlert,
        submit_button::{Emphasis, SubmitButton},
    },
    routes, text,
};

const ERROR: &str = "revoke-error";
const PASSWORD: &str = "revoke-password";
const ONE_FORM: &str = "revoke-one";
const OTHERS_FORM: &str = "revoke-others";

/// The dialog names the devices and the consequence. It asks for the password if the server demands that.
#[component]
pub fn RevokeDialog(board: Board) -> impl IntoView {
    let text = text::revoke();
    let one = move || match board.subject.get() {
        Some(Subject::One(other)) => Some(other),
        _ => None,
    };
    let title = Signal::derive(move || match one() {
        Some(other) => text.title(&other.name),
        None => text.others_title().to_owned(),
    });
    let consequence = Signal::derive(move || {
        if one().is_some() {
            return text.consequence().to_owned();
        }
        text.others_consequence(board.count())
    });
    let pending = board.is_pending();

    view! {
        <ConfirmDialog
            open=board.is_asking
            title
            consequence
            error=view! {
                <ErrorAlert id=ERROR error=board.error()/>
                <div class="field" hidden=move || !board.asks_password.get()>
                    <label class="field__label" for=PASSWORD>{text::confirm().password()}</label>
                    <input
                        class="field__input"
                        id=PASSWORD
                        name="password"
                        type="password"
                        autocomplete="current-password"
                        form=move || if one().is_some() { ONE_FORM } else { OTHERS_FORM }
                        disabled=move || !board.asks_password.get()
                        required
                        aria-describedby=ERROR
                    />
                </div>
            }
            cancel_to=routes::DEVICES
            pending
        >
            <div hidden=move || one().is_none()>
                <ActionForm action=board.revoke attr:id=ONE_FORM>
                    <input
                        type="hidden"
                        name="id"
                        prop:value=move || one().map(|other| other.id)
                        value=move || one().map(|other| other.id)
                    />
                    <SubmitButton label=text.submit() emphasis=Emphasis::Danger pending/>
                </ActionForm>
            </div>
            <div hidden=move || one().is_some()>
                <ActionForm action=board.revoke_others attr:id=OTHERS_FORM>
                    <SubmitButton
                        label=text.others_submit()
                        emphasis=Emphasis::Danger
                        pending
                    />
                </ActionForm>
            </div>
        </ConfirmDialog>
    }
}
