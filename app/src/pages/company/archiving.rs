//! Whether a company is archived.

use latchkey_words::CompanyId;
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::{
    api::company::{ArchiveCompany, RestoreCompany},
    components::{
        confirming_password::{ConfirmingPassword, is_about_password},
        done::Done,
        error_alert::ErrorAlert,
        plain_form::PlainForm,
        submit_button::{Emphasis, SubmitButton},
    },
    page,
    text::{Text, text},
};

const TITLE: &str = "archive-company";
const PASSWORD: &str = "archive-password";
const ERROR: &str = "archive-error";

/// The form that archives a company in use, or that brings an archived one back.
#[component]
pub fn Archiving(id: CompanyId, is_archived: bool) -> impl IntoView {
    let text = text();
    let archived = page::posted_done::<ArchiveCompany>().map(|_| text.company_archived());
    let restored = page::posted_done::<RestoreCompany>().map(|_| text.company_restored());
    let done = archived.or(restored);
    let done = done.map(|words| view! { <Done words=words.to_owned()/> });
    let posted = page::posted_error::<ArchiveCompany>();
    let posted = posted.or_else(page::posted_error::<RestoreCompany>);
    let is_password = is_about_password(posted.as_ref());
    let field = is_password.then_some(PASSWORD);
    // A refused form shows nothing again that the person has typed.
    let is_refused = false;
    let error = Signal::derive(move || posted.clone());
    let (function, title, lead, submit) = words(text, is_archived);
    view! {
        <section class="panel" aria-labelledby=TITLE>
            <h2 class="panel__title" id=TITLE>{title}</h2>
            {done}
            <p class="lead">{lead}</p>
            <PlainForm function=function id=id.to_string() is_refused>
                <ConfirmingPassword id=PASSWORD error_id=ERROR invalid=is_password/>
                <ErrorAlert id=ERROR error field=Signal::stored(field)/>
                <SubmitButton
                    label=submit
                    emphasis=Emphasis::Primary
                    pending=Signal::stored(false)
                />
            </PlainForm>
        </section>
    }
}

/// The path of the form's function, its title, its consequence, and its button.
fn words(
    text: Text,
    is_archived: bool,
) -> (&'static str, &'static str, &'static str, &'static str) {
    if is_archived {
        (
            RestoreCompany::PATH,
            text.company_restore_title(),
            text.company_restore_lead(),
            text.company_restore_submit(),
        )
    } else {
        (
            ArchiveCompany::PATH,
            text.company_archive_title(),
            text.company_archive_lead(),
            text.company_archive_submit(),
        )
    }
}
