//! Settings, Companies, Add company.

use latchkey_words::Verb;
use leptos::prelude::*;
use server_fn::ServerFn;

use super::Page;
use crate::{
    api::company::AddCompany as AddCompanyFunction,
    audience::Audience,
    components::{
        confirming_password::{ConfirmingPassword, is_about_password},
        error_alert::ErrorAlert,
        page_heading::PageHeading,
        plain_form::PlainForm,
        submit_button::{Emphasis, SubmitButton},
        text_field::{Content, TextField},
    },
    page, routes,
    text::{self, Text, text},
    wire::ApiError,
};

const NAME: &str = "name";
const CONFIRMING: &str = "confirming_password";
const ERROR: &str = "add-company-error";

/// The right that the page and its form need.
pub(super) const AUDIENCE: Audience =
    Audience::Right(Verb::Create, latchkey_words::Resource::COMPANIES);

/// Settings, Companies, Add company.
pub const PAGE: Page = Page::new(
    routes::ADD_COMPANY,
    AUDIENCE,
    Text::add_company_title,
    || AddCompany().into_any(),
);

/// The form. It leads to the list of companies.
#[component]
fn AddCompany() -> impl IntoView {
    let text = text();
    let posted = page::posted_error::<AddCompanyFunction>();
    let field = match &posted {
        Some(ApiError::Name(_) | ApiError::Company(_)) => Some(NAME),
        error if is_about_password(error.as_ref()) => Some(CONFIRMING),
        _ => None,
    };
    let typed = page::posted_field::<AddCompanyFunction>(NAME).unwrap_or_default();
    let is_refused = posted.is_some();
    let error = Signal::derive(move || posted.clone());
    view! {
        <div class="page">
            <PageHeading heading=text.add_company_title()/>
            <p class="lead">{text.add_company_lead()}</p>
            <section class="panel" aria-label=text.add_company_title()>
                <PlainForm function=AddCompanyFunction::PATH is_refused>
                    <TextField
                        name=NAME
                        label=text::profile().name()
                        content=Content::Title
                        value=typed
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
                        label=text.add_company_title()
                        emphasis=Emphasis::Primary
                        pending=Signal::stored(false)
                    />
                </PlainForm>
            </section>
            <p><a href=routes::COMPANIES>{text.company_back()}</a></p>
        </div>
    }
}
