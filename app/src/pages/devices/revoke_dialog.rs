//! The question before one device, several, or all other devices, are revoked.

use leptos::prelude::*;

use super::question::{Question, Subject};
use crate::{
    browser,
    components::{
        address_fact::AddressFact,
        confirm_dialog::ConfirmDialog,
        error_alert::ErrorAlert,
        server_form::ServerForm,
        submit_button::{Emphasis, SubmitButton},
    },
    page, routes, text,
    wire::{ApiError, device::DeviceCard},
    wording,
};

const ERROR: &str = "revoke-error";
const PASSWORD: &str = "revoke-password";
const ONE_FORM: &str = "revoke-one";
const OTHERS_FORM: &str = "revoke-others";

/// The dialog names the devices and the consequence. It asks for the password if the server demands that.
#[component]
pub(super) fn RevokeDialog(
    question: Question,
    /// Minutes since the list was made.
    minutes: RwSignal<u32>,
    /// The number of other devices.
    count: Memo<u32>,
) -> impl IntoView {
    let text = text::revoke();
    let one = move || match question.subject.get() {
        Some(Subject::One(card)) => Some(card),
        _ => None,
    };
    let ids = Memo::new(move |_| {
        question
            .subject
            .with(|subject| subject.as_ref().map(Subject::ids))
    });
    let has_ids = move || ids.with(|ids| ids.as_ref().is_some_and(|ids| !ids.is_empty()));
    let title = Signal::derive(move || match question.subject.get() {
        Some(Subject::One(card)) => {
            text.title(&wording::device_name_in_full(text::device(), &card.name))
        }
        Some(Subject::Several(cards)) => text.selected_title(&cards.len().to_string()),
        _ => text.others_title().to_owned(),
    });
    let facts = move || one().map(|card| facts(&card, minutes.get()));
    let names = move || names(question.subject.get());
    let consequence = Signal::derive(move || match question.subject.get() {
        Some(Subject::One(_)) => text.consequence().to_owned(),
        Some(Subject::Several(cards)) => {
            text.others_consequence(u32::try_from(cards.len()).unwrap_or(u32::MAX))
        }
        _ => text.others_consequence(count.get()),
    });
    let pending = question.is_pending();
    let error = question.error();
    let is_wrong = Signal::derive(move || error.get() == Some(ApiError::WrongPassword));
    // A closed question keeps no password: at an unattended desk the next question would be one click.
    Effect::new(move |_| {
        if is_wrong.get() || !question.is_asking.get() {
            browser::clear_input(PASSWORD);
        }
    });
    let field = Signal::derive(move || question.asks_password.get().then_some(PASSWORD));
    let seconds_to_wait = page::seconds_to_wait(error);
    let is_early = Signal::derive(move || seconds_to_wait.get().is_some_and(|left| left > 0));

    view! {
        <ConfirmDialog
            open=question.is_asking
            title
            consequence
            error=view! {
                {facts}
                {names}
                <div class="field" hidden=move || !question.asks_password.get()>
                    <label class="field__label" for=PASSWORD>{text::confirm().password()}</label>
                    <input
                        class="field__input"
                        id=PASSWORD
                        name="password"
                        type="password"
                        autocomplete="current-password"
                        form=move || if has_ids() { ONE_FORM } else { OTHERS_FORM }
                        disabled=move || !question.asks_password.get()
                        required
                        autofocus=move || question.asks_password.get()
                        aria-invalid=move || is_wrong.get().then_some("true")
                        aria-describedby=ERROR
                    />
                </div>
                <ErrorAlert id=ERROR error field seconds_to_wait/>
            }
            cancel_to=routes::DEVICES
            pending
        >
            <div hidden=move || !has_ids()>
                <ServerForm action=question.revoke id=ONE_FORM>
                    <input
                        type="hidden"
                        name="id"
                        prop:value=move || ids.get()
                        value=move || ids.get()
                    />
                    <SubmitButton label=text.submit() emphasis=Emphasis::Danger pending is_early/>
                </ServerForm>
            </div>
            <div hidden=has_ids>
                <ServerForm action=question.revoke_others id=OTHERS_FORM>
                    <SubmitButton
                        label=text.others_submit()
                        emphasis=Emphasis::Danger
                        pending
                        is_early
                    />
                </ServerForm>
            </div>
        </ConfirmDialog>
    }
}

/// What the question says of one device.
fn facts(card: &DeviceCard, minutes: u32) -> impl IntoView + use<> {
    let activity = wording::activity(text::device(), card, minutes);
    let address = card.address.clone();
    let address = address.map(|address| view! { <AddressFact address/> });
    view! {
        <ul class="device__facts device__facts--quiet" role="list">
            <li>{activity}</li>
            <li>{logged_in(card)}</li>
            {address}
        </ul>
    }
}

/// Since when a device is logged in, which tells devices of one name apart.
fn logged_in(card: &DeviceCard) -> String {
    text::device().logged_in(&card.logged_in_at.phrase)
}

/// The names of several devices.
fn names(subject: Option<Subject>) -> Option<impl IntoView> {
    let Some(Subject::Several(cards)) = subject else {
        return None;
    };
    let names = cards
        .iter()
        .map(|card| {
            let name = wording::device_name_in_full(text::device(), &card.name);
            let address = card.address.as_ref();
            let address = address.map(|address| {
                let text = address.text.clone();
                view! { " · " <bdi>{text}</bdi> }
            });
            view! { <li><bdi>{name}</bdi>" · "{logged_in(card)}{address}</li> }
        })
        .collect_view();
    Some(view! { <ul class="device__facts device__facts--quiet" role="list">{names}</ul> })
}
