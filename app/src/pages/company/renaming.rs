//! The name of a company.

use latchkey_words::CompanyId;
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::{
    api::company::RenameCompany,
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

const TITLE: &str = "rename-company";
const FIELD: &str = "name";
const PASSWORD: &str = "rename-password";
const ERROR: &str = "rename-error";

/// The form.
#[component]
pub fn Renaming(id: CompanyId, name: String) -> impl IntoView {
    let text = text();
    let done = page::posted_done::<RenameCompany>()
        .map(|_| view! { <Done words=text.company_renamed().to_owned()/> });
    let posted = page::posted_error::<RenameCompany>();
    let field = match &posted {
        Some(ApiError::Name(_) | ApiError::Company(_)) => Some(FIELD),
        error if is_about_password(error.as_ref()) => Some(PASSWORD),
        _ => None,
    };
    let typed = page::posted_field::<RenameCompany>(FIELD).unwrap_or(name);
    let is_refused = posted.is_some();
    let error = Signal::derive(move || posted.clone());
    view! {
        <section class="panel" aria-labelledby=TITLE>
            <h2 class="panel__title" id=TITLE>{text.company_rename_title()}</h2>
            {done}
            <PlainForm function=RenameCompany::PATH id=id.to_string() is_refused>
                <TextField
                    name=FIELD
                    label=text::profile().name()
                    content=Content::Title
                    value=typed
                    invalid=field == Some(FIELD)
                    error_id=ERROR
                    autofocus=field == Some(FIELD)
                />
                <ConfirmingPassword
                    id=PASSWORD
                    error_id=ERROR
                    invalid=field == Some(PASSWORD)
                />
                <ErrorAlert id=ERROR error field=Signal::stored(field)/>
                <SubmitButton
                    label=text::profile().save_name()
                    emphasis=Emphasis::Primary
                    pending=Signal::stored(false)
                />
            </PlainForm>
        </section>
    }
}
