//! The name and the login of a user.

use latchkey_words::UserId;
use leptos::prelude::*;
use server_fn::ServerFn;

use super::log_in::done;
use crate::{
    api::user::RenameUser,
    components::{
        confirming_password::{ConfirmingPassword, is_about_password},
        done::Done,
        error_alert::ErrorAlert,
        plain_form::PlainForm,
        submit_button::{Emphasis, SubmitButton},
        text_field::{Content, TextField},
    },
    page,
    text::{self, text},
    wire::ApiError,
};

const TITLE: &str = "user-names";
const NAME: &str = "user-name";
const LOGIN: &str = "user-login";
const PASSWORD: &str = "names-password";
const ERROR: &str = "names-error";

/// The form with both.
#[component]
pub fn Names(id: UserId, name: String, login: String) -> impl IntoView {
    let text = text();
    let saved =
        page::posted_done::<RenameUser>().map(|ended| view! { <Done words=done(text, ended)/> });
    let posted = page::posted_error::<RenameUser>();
    let field = match &posted {
        Some(ApiError::Login(_)) => Some(LOGIN),
        Some(ApiError::Name(_)) => Some(NAME),
        error if is_about_password(error.as_ref()) => Some(PASSWORD),
        _ => None,
    };
    let is_refused = posted.is_some();
    let error = Signal::derive(move || posted.clone());
    let typed = |field, present| page::posted_field::<RenameUser>(field).unwrap_or(present);
    view! {
        <section class="panel" aria-labelledby=TITLE>
            <h2 class="panel__title" id=TITLE>{text.user_names_title()}</h2>
            {saved}
            <PlainForm function=RenameUser::PATH id=id.to_string() is_refused>
                <TextField
                    name="name"
                    id=NAME
                    label=text::profile().name()
                    content=Content::NewName
                    value=typed("name", name)
                    invalid=field == Some(NAME)
                    error_id=ERROR
                    autofocus=field == Some(NAME)
                />
                <TextField
                    name="login"
                    id=LOGIN
                    label=text.add_user_login()
                    content=Content::NewLogin
                    hint=text.user_login_hint()
                    value=typed("login", login)
                    invalid=field == Some(LOGIN)
                    error_id=ERROR
                    autofocus=field == Some(LOGIN)
                />
                <ConfirmingPassword
                    id=PASSWORD
                    error_id=ERROR
                    invalid=field == Some(PASSWORD)
                />
                <ErrorAlert id=ERROR error field=Signal::stored(field)/>
                <SubmitButton
                    label=text.user_names_submit()
                    emphasis=Emphasis::Primary
                    pending=Signal::stored(false)
                />
            </PlainForm>
        </section>
    }
}
