//! My Profile, Security: change the password, and create a log-in code.

use leptos::prelude::*;

use super::Page;
use crate::{
    api::{
        password::{ChangePassword, password_minimum},
        session::MakeLogInCode,
    },
    audience::Audience,
    browser,
    components::{
        error_alert::ErrorAlert,
        failure::Failure,
        loading::Loading,
        made_code::MadeCode,
        new_password_fields::{NEW, NewPasswordFields, REPEATED, wrong_field},
        server_form::ServerForm,
        status::Status,
        submit_button::{Emphasis, SubmitButton},
        text_field::{Content, TextField},
        username_hint::UsernameHint,
    },
    page, routes,
    text::{self, ChangePasswordText, Text, text},
    wire::{ApiError, password::PasswordChange},
};

const ERROR: &str = "change-password-error";
const CURRENT_ERROR: &str = "current-password-error";
const CODE_ERROR: &str = "log-in-code-error";
const CONFIRMING: &str = "confirming_password";
const CURRENT: &str = "current_password";

/// My Profile, Security.
pub const PAGE: Page = Page::new(
    routes::SECURITY,
    Audience::Person,
    Text::profile_security,
    || Security().into_any(),
)
.in_profile();

/// The tab "Security".
#[component]
fn Security() -> impl IntoView {
    let text = text();
    let minimum = Resource::new(|| (), |()| password_minimum());
    let session = page::session();
    view! {
        <section class="panel" aria-labelledby="change-password">
            <h2 class="panel__title" id="change-password">{text.security_title()}</h2>
            <p class="lead">{text.security_lead()}</p>
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match (session.await, minimum.await) {
                        (Ok(session), Ok(minimum)) => {
                            let login = session.map(|session| session.login);
                            let posted = page::posted_error::<ChangePassword>();
                            let done = page::posted_done::<ChangePassword>()
                                .map(|ended_sessions| PasswordChange { ended_sessions });
                            let ends_others = posted.is_none()
                                || page::posted_field::<ChangePassword>("end_other_sessions").is_some();
                            view! { <ChangePasswordForm minimum login posted done ends_others/> }.into_any()
                        }
                        (Err(error), _) | (_, Err(error)) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Suspense>
        </section>
        <Suspense>
            {move || Suspend::new(async move {
                // Without PostgreSQL the page loads the script for strangers, which lacks this form.
                session.await.ok().map(|_| view! { <LogInCode/> })
            })}
        </Suspense>
    }
}

#[component]
fn LogInCode() -> impl IntoView {
    let text = text();
    let posted = page::posted_error::<MakeLogInCode>();
    let made = page::posted_code::<MakeLogInCode>();
    view! {
        <section class="panel" aria-labelledby="log-in-code">
            <h2 class="panel__title" id="log-in-code">{text.code_title()}</h2>
            <p class="lead">{text.code_lead()}</p>
            <LogInCodeForm posted made/>
        </section>
    }
}

/// Creates a log-in code and shows it once.
#[cfg_attr(any(feature = "ssr", feature = "logged-in"), island)]
#[cfg_attr(not(any(feature = "ssr", feature = "logged-in")), component)]
fn LogInCodeForm(
    posted: Option<ApiError>,
    /// The code that a post without script has just created.
    made: Option<String>,
) -> impl IntoView {
    let (action, error) = page::form_action::<MakeLogInCode>(posted);
    let value = action.value();
    let code = Signal::derive(move || match value.get() {
        Some(result) => result.ok(),
        None => made.clone(),
    });
    Effect::new(move |_| {
        if let Some(Ok(_)) = value.get() {
            browser::clear_input(CONFIRMING);
        }
    });
    let wrong = is_wrong(error, CONFIRMING);
    let is_wrong_at_first = wrong.get_untracked();
    let seconds_to_wait = page::seconds_to_wait(error);
    let is_early = Signal::derive(move || seconds_to_wait.get().is_some_and(|left| left > 0));

    view! {
        <MadeCode code/>
        <ServerForm action>
            <div class="form">
                <TextField
                    name=CONFIRMING
                    label=text::confirm().password()
                    content=Content::CurrentPassword
                    invalid=wrong
                    error_id=CODE_ERROR
                    revealable=true
                    autofocus=is_wrong_at_first
                />
                <div class="form__error">
                    <ErrorAlert
                        id=CODE_ERROR
                        error
                        field=Signal::derive(move || wrong.get().then_some(CONFIRMING))
                        seconds_to_wait
                    />
                </div>
                <SubmitButton
                    label=text::log_in_code().submit()
                    emphasis=Emphasis::Primary
                    pending=action.pending()
                    is_early
                />
            </div>
        </ServerForm>
    }
}

#[cfg_attr(any(feature = "ssr", feature = "logged-in"), island)]
#[cfg_attr(not(any(feature = "ssr", feature = "logged-in")), component)]
fn ChangePasswordForm(
    minimum: u32,
    login: Option<String>,
    posted: Option<ApiError>,
    /// The result of a post without script.
    done: Option<PasswordChange>,
    /// Whether the box that ends other sessions is initially ticked.
    ends_others: bool,
) -> impl IntoView {
    let text = text::change_password();
    let (action, error) = page::form_action::<ChangePassword>(posted);
    let value = action.value();
    let typed = RwSignal::new(0);
    let message = Signal::derive(move || match value.get() {
        Some(result) => result.ok().map(|change| words(text, change)),
        None => done.map(|change| words(text, change)),
    });
    Effect::new(move |_| {
        if let Some(Ok(_)) = value.get() {
            [CURRENT, NEW, REPEATED]
                .into_iter()
                .for_each(browser::clear_input);
            typed.set(0);
        }
    });
    let wrong = is_wrong(error, CURRENT);
    let is_wrong_at_first = wrong.get_untracked();
    let field = Signal::derive(move || {
        let new = error.with(|error| wrong_field(error.as_ref()));
        new.or_else(|| wrong.get().then_some(CURRENT))
    });
    // An error stands under the field that it is about.
    let of_current = Signal::derive(move || error.get().filter(|_| wrong.get()));
    let of_rest = Signal::derive(move || error.get().filter(|_| !wrong.get()));
    let seconds_to_wait = page::seconds_to_wait(error);
    let is_early = Signal::derive(move || seconds_to_wait.get().is_some_and(|left| left > 0));

    view! {
        <ServerForm action>
            <div class="form">
                <UsernameHint login/>
                <TextField
                    name=CURRENT
                    label=text.current()
                    content=Content::CurrentPassword
                    invalid=wrong
                    error_id=CURRENT_ERROR
                    revealable=true
                    autofocus=is_wrong_at_first
                />
                <div class="form__error">
                    <ErrorAlert id=CURRENT_ERROR error=of_current field/>
                </div>
                <NewPasswordFields minimum error error_id=ERROR typed/>
                <div class="form__error">
                    <ErrorAlert id=ERROR error=of_rest field seconds_to_wait/>
                </div>
                <label class="check">
                    <input class="check__box" type="checkbox" name="end_other_sessions" checked=ends_others/>
                    <span>{text.end_others()}</span>
                </label>
                <SubmitButton
                    label=text.submit()
                    emphasis=Emphasis::Primary
                    pending=action.pending()
                    is_early
                />
                <Status message/>
            </div>
        </ServerForm>
    }
}

/// Whether the password in this field is wrong. Then the field is emptied.
fn is_wrong(error: Signal<Option<ApiError>>, field: &'static str) -> Signal<bool> {
    Effect::new(move |_| {
        if error.get() == Some(ApiError::WrongPassword) {
            browser::clear_input(field);
        }
    });
    Signal::derive(move || error.get() == Some(ApiError::WrongPassword))
}

fn words(text: ChangePasswordText, change: PasswordChange) -> String {
    match change.ended_sessions {
        0 => text.done().to_owned(),
        count => text.done_ended(count),
    }
}
