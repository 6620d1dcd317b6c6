//! Settings, Users, Add user: a new user with a one-time password.

use latchkey_words::Verb;
use leptos::prelude::*;
use server_fn::ServerFn;

use super::Page;
use crate::{
    api::user::AddUser as AddUserFunction,
    audience::Audience,
    components::{
        confirming_password::{ConfirmingPassword, is_about_password},
        error_alert::ErrorAlert,
        one_time_password::OneTimePassword,
        page_heading::PageHeading,
        plain_form::PlainForm,
        submit_button::{Emphasis, SubmitButton},
        text_field::{Content, TextField},
    },
    page, routes,
    text::{Text, text},
    wire::ApiError,
    wording,
};

const LOGIN: &str = "login";
const NAME: &str = "name";
const CONFIRMING: &str = "confirming_password";
const ERROR: &str = "add-user-error";

/// The right that the page and its form need.
pub(super) const AUDIENCE: Audience =
    Audience::Right(Verb::Create, latchkey_words::Resource::USERS);

/// Settings, Users, Add user.
pub const PAGE: Page = Page::new(routes::ADD_USER, AUDIENCE, Text::add_user_title, || {
    AddUser().into_any()
});

/// The form, and the one-time password of the user who has just been added. Script would make nothing better here.
#[component]
fn AddUser() -> impl IntoView {
    let text = text();
    let made = page::posted_user::<AddUserFunction>().map(|(login, password)| {
        let done = text.add_user_made(&wording::isolated(&login));
        view! { <OneTimePassword done password/> }
    });
    view! {
        <div class="page">
            <PageHeading heading=text.add_user_title()/>
            <p class="lead">{text.add_user_lead()}</p>
            {made}
            <section class="panel" aria-label=text.add_user_title()>
                <AddUserForm/>
            </section>
            <p><a href=routes::USERS>{text.add_user_back()}</a></p>
        </div>
    }
}

#[component]
fn AddUserForm() -> impl IntoView {
    let text = text();
    let posted = page::posted_error::<AddUserFunction>();
    let field = match &posted {
        Some(ApiError::Login(_)) => Some(LOGIN),
        Some(ApiError::Name(_)) => Some(NAME),
        error if is_about_password(error.as_ref()) => Some(CONFIRMING),
        _ => None,
    };
    let is_refused = posted.is_some();
    let error = Signal::derive(move || posted.clone());
    let typed = |name| page::posted_field::<AddUserFunction>(name).unwrap_or_default();
    view! {
        <PlainForm function=AddUserFunction::PATH is_refused>
            <TextField
                name=LOGIN
                label=text.add_user_login()
                content=Content::NewLogin
                value=typed(LOGIN)
                invalid=field == Some(LOGIN)
                error_id=ERROR
                autofocus=field == Some(LOGIN)
            />
            <TextField
                name=NAME
                label=text.add_user_name()
                content=Content::NewName
                value=typed(NAME)
                invalid=field == Some(NAME)
                error_id=ERROR
                autofocus=field == Some(NAME)
            />
            <ConfirmingPassword
                id=CONFIRMING
                error_id=ERROR
                invalid=field == Some(CONFIRMING)
            />
            <ErrorAlert id=ERROR error field=Signal::stored(field)/>
            <SubmitButton
                label=text.add_user_submit()
                emphasis=Emphasis::Primary
                pending=Signal::stored(false)
            />
        </PlainForm>
    }
}
