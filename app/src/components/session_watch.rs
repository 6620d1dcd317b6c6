//! The messages of an open page about its session: the session ends soon, or has ended.

use leptos::{ev::Event, prelude::*};

use super::{
    error_alert::ErrorAlert,
    log_out_form::LogOutForm,
    notice::Notice,
    server_form::ServerForm,
    submit_button::{Emphasis, SubmitButton},
    text_field::{Content, TextField},
};
use crate::{
    api::session::LogIn,
    browser,
    live::{self, NavigationWords, Phase, Shown},
    page, routes,
    text::{self, Section},
    wire::{ApiError, session::CurrentSession},
    wording,
};

const WARNING: &str = "session-warning";
const WARNING_TITLE: &str = "session-warning-title";
const WARNING_TEXT: &str = "session-warning-text";
const WARNING_ERROR: &str = "session-warning-error";
const LOCK: &str = "session-lock";
const LOCK_TITLE: &str = "session-lock-title";
const LOCK_REASON: &str = "session-lock-reason";
const LOCK_TEXT: &str = "session-lock-text";
const LOCK_DESCRIPTION: &str = "session-lock-reason session-lock-text";
const PASSWORD: &str = "password";
const ERROR: &str = "session-lock-error";

/// Watches the session of a logged-in person. Without script this does nothing: the next request leads to the
/// log-in page.
#[cfg_attr(any(feature = "ssr", feature = "logged-in"), island)]
#[cfg_attr(not(any(feature = "ssr", feature = "logged-in")), component)]
pub fn SessionWatch(session: CurrentSession) -> impl IntoView {
    let shown = Shown {
        phase: RwSignal::new(Phase::Calm),
        reason: RwSignal::new(None),
        seconds: RwSignal::new(0),
        can_be_extended: RwSignal::new(session.left.can_be_extended),
        trouble: RwSignal::new(None),
    };
    let text = text::session();
    let cut_off = Signal::derive(move || {
        let is_cut_off = shown.phase.get() == Phase::Calm && shown.trouble.get().is_some();
        is_cut_off.then(|| text.cut_off())
    });
    // The person may be in another tab.
    Effect::new(move |_| match shown.phase.get() {
        Phase::Calm => browser::call_back(None),
        Phase::Warning | Phase::Warned => {
            let left = wording::countdown(shown.seconds.get());
            browser::call_back(Some(&["(", &left, ") ", text.warning_title()].concat()));
        }
        Phase::Locked => browser::call_back(Some(text.lock_title())),
    });
    let watched = session.clone();
    Effect::new(move |_| {
        live::set_words(NavigationWords {
            unsent: text.unsent(),
            unreachable_title: text.unreachable_title(),
            unreachable_text: text.unreachable_text(),
            unreachable_again: text.unreachable_again(),
        });
        live::watch(watched.clone(), shown);
    });
    view! {
        <Notice class="notice--page notice--cut-off" message=cut_off/>
        <Warning shown is_on_shared_computer=session.computer.is_shared()/>
        <Lock shown session/>
    }
}

/// Counts down to the end, and offers to postpone the end if that is possible.
#[component]
fn Warning(shown: Shown, is_on_shared_computer: bool) -> impl IntoView {
    let text = text::session();
    let is_open = Memo::new(move |_| shown.phase.get() == Phase::Warning);
    Effect::new(move |_| {
        if is_open.get() {
            browser::show_dialog(WARNING);
        } else {
            browser::close_dialog(WARNING);
        }
    });
    let trouble = Signal::derive(move || is_open.get().then(|| shown.trouble.get())?);
    let go_on = move || {
        if shown.can_be_extended.get_untracked() {
            live::stay();
        } else {
            shown.phase.set(Phase::Warned);
        }
    };
    let explanation = move || match (is_on_shared_computer, shown.can_be_extended.get()) {
        (true, true) => text.warning_shared(),
        (true, false) => text.warning_shared_final(),
        (false, true) => text.warning_idle(),
        (false, false) => text.warning_final(),
    };

    view! {
        <dialog
            class="dialog"
            id=WARNING
            aria-labelledby=WARNING_TITLE
            aria-describedby=WARNING_TEXT
            on:cancel=move |event: Event| {
                event.prevent_default();
                go_on();
            }
        >
            <h2 class="dialog__title" id=WARNING_TITLE>{text.warning_title()}</h2>
            <p class="dialog__countdown" role="timer">
                {move || wording::countdown(shown.seconds.get())}
            </p>
            <p class="dialog__text" id=WARNING_TEXT>{explanation}</p>
            <ErrorAlert id=WARNING_ERROR error=trouble/>
            <div class="dialog__actions">
                <LogOutForm class="button"/>
                <button
                    class="button button--primary"
                    type="button"
                    autofocus
                    on:click=move |_| go_on()
                >
                    {move || {
                        if shown.can_be_extended.get() {
                            text.warning_stay()
                        } else {
                            text.warning_understood()
                        }
                    }}
                </button>
            </div>
        </dialog>
    }
}

/// Covers the page, which stays unchanged below, until the person has logged in again.
#[component]
fn Lock(shown: Shown, session: CurrentSession) -> impl IntoView {
    let text = text::session();
    // For the log-in, which appears later.
    text::bring(&[Section::LogIn, Section::Field]);
    let is_open = Memo::new(move |_| shown.phase.get() == Phase::Locked);
    Effect::new(move |_| {
        if is_open.get() {
            browser::show_dialog(LOCK);
            browser::focus(PASSWORD);
        } else {
            browser::close_dialog(LOCK);
        }
    });
    let session = StoredValue::new(session);

    view! {
        <dialog
            class="dialog dialog--cover"
            id=LOCK
            aria-labelledby=LOCK_TITLE
            aria-describedby=LOCK_DESCRIPTION
            // A browser closes a dialog at the second cancel, so every cancel is prevented.
            on:cancel=|event: Event| event.prevent_default()
            on:close=move |_| {
                if is_open.get_untracked() {
                    browser::show_dialog(LOCK);
                }
            }
        >
            <h2 class="dialog__title" id=LOCK_TITLE>{text.lock_title()}</h2>
            <p class="dialog__text" id=LOCK_REASON>{move || shown.reason.get()}</p>
            <p class="dialog__text" id=LOCK_TEXT>{text.lock_text()}</p>
            // The field appears only when it is needed, because browsers offer passwords for every such field.
            {move || is_open.get().then(|| view! { <Unlock session=session.get_value()/> })}
        </dialog>
    }
}

/// A field whose text the session has settled.
fn settled(
    name: &'static str,
    label: &'static str,
    value: String,
    autocomplete: &'static str,
) -> impl IntoView {
    view! {
        <div class="field">
            <label class="field__label" for=name>{label}</label>
            <input
                class="field__input"
                id=name
                name=name
                dir="auto"
                value=value
                autocomplete=autocomplete
                readonly
            />
        </div>
    }
}

/// The log-in of the page's user.
#[component]
fn Unlock(session: CurrentSession) -> impl IntoView {
    let text = text::session();
    let log_in = text::log_in();
    let (action, error) = page::form_action::<LogIn>(None);
    let value = action.value();
    Effect::new(move |_| match value.get() {
        Some(Ok(landing)) if landing.location == routes::NEW_PASSWORD => {
            browser::go(routes::NEW_PASSWORD);
        }
        Some(Ok(_)) => live::check(),
        _ => {}
    });
    let pending = Signal::derive(move || {
        action.pending().get() || value.with(|value| matches!(value, Some(Ok(_))))
    });
    let wrong = page::are_credentials_wrong(error);
    Effect::new(move |_| {
        if wrong.get() {
            browser::clear_input(PASSWORD);
        }
    });
    let seconds_to_wait = page::seconds_to_wait(error);
    let is_early = Signal::derive(move || seconds_to_wait.get().is_some_and(|left| left > 0));
    // The username is given, so only the password can be wrong.
    let shown = Signal::derive(move || match error.get() {
        Some(ApiError::WrongCredentials { .. }) => Some(ApiError::WrongPassword),
        error => error,
    });

    view! {
        <ServerForm action>
            {settled("database", log_in.database(), session.database, "off")}
            {settled("login", log_in.login(), session.login, "username")}
            <TextField
                name=PASSWORD
                label=log_in.password()
                content=Content::CurrentPassword
                invalid=wrong
                error_id=ERROR
                revealable=true
            />
            <ErrorAlert
                id=ERROR
                error=shown
                field=Signal::derive(move || wrong.get().then_some(PASSWORD))
                wait=page::wait(error)
                seconds_to_wait
            />
            <div class="dialog__actions">
                <a class="button" href=routes::LOG_IN>{text.lock_another_account()}</a>
                <SubmitButton label=log_in.submit() emphasis=Emphasis::Primary pending is_early/>
            </div>
        </ServerForm>
    }
}
