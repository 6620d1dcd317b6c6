//! The deletion of a user.

use latchkey_words::UserId;
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::{
    api::user::DeleteUser,
    components::{
        confirming_password::{ConfirmingPassword, is_about_password},
        error_alert::ErrorAlert,
        plain_form::PlainForm,
        submit_button::{Emphasis, SubmitButton},
        text_field::{Content, TextField},
    },
    page,
    text::text,
    wire::{ApiError, user::UserProblem},
};

const TITLE: &str = "delete-user";
const FIELD: &str = "login";
const LOGIN: &str = "delete-login";
const PASSWORD: &str = "delete-password";
const ERROR: &str = "delete-error";

/// The form. The person types the user's login, because nothing brings the user back.
#[component]
pub fn Deletion(
    id: UserId,
    /// The user's login, apart from the words around it.
    login: String,
) -> impl IntoView {
    let text = text();
    let posted = page::posted_error::<DeleteUser>();
    let typed = page::posted_field::<DeleteUser>(FIELD).unwrap_or_default();
    let is_login = posted == Some(ApiError::User(UserProblem::OtherLogin));
    let is_password = is_about_password(posted.as_ref());
    let field = match (is_login, is_password) {
        (true, _) => Some(LOGIN),
        (_, true) => Some(PASSWORD),
        _ => None,
    };
    let is_refused = posted.is_some();
    let error = Signal::derive(move || posted.clone());
    view! {
        <section class="panel" aria-labelledby=TITLE>
            <h2 class="panel__title" id=TITLE>{text.user_delete_title()}</h2>
            <p class="lead">{text.user_delete_lead()}</p>
            <PlainForm function=DeleteUser::PATH id=id.to_string() is_refused>
                <TextField
                    name=FIELD
                    id=LOGIN
                    label=text.user_delete_login()
                    content=Content::NewLogin
                    hint=login
                    value=typed
                    invalid=is_login
                    error_id=ERROR
                    autofocus=is_login
                />
                <ConfirmingPassword id=PASSWORD error_id=ERROR invalid=is_password/>
                <ErrorAlert id=ERROR error field=Signal::stored(field)/>
                <SubmitButton
                    label=text.user_delete_submit()
                    emphasis=Emphasis::Danger
                    pending=Signal::stored(false)
                />
            </PlainForm>
        </section>
    }
}
