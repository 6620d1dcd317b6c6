//! Settings, Groups, Add group.

use latchkey_words::Verb;
use leptos::prelude::*;
use server_fn::ServerFn;

use super::Page;
use crate::{
    api::group::AddGroup as AddGroupFunction,
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
    text::{Text, text},
    wire::{ApiError, group::GroupProblem},
};

const TITLE: &str = "title";
const NAME: &str = "name";
const ABOUT: &str = "about";
const CONFIRMING: &str = "confirming_password";
const ERROR: &str = "add-group-error";

/// The right that the page and its form need.
pub(super) const AUDIENCE: Audience =
    Audience::Right(Verb::Create, latchkey_words::Resource::GROUPS);

/// Settings, Groups, Add group.
pub const PAGE: Page = Page::new(routes::ADD_GROUP, AUDIENCE, Text::add_group_title, || {
    AddGroup().into_any()
});

/// The form. It leads to the page of the new group, where the group gets its rights.
#[component]
fn AddGroup() -> impl IntoView {
    let text = text();
    let posted = page::posted_error::<AddGroupFunction>();
    let field = match &posted {
        Some(ApiError::Name(_)) => Some(TITLE),
        Some(ApiError::Group(GroupProblem::AboutTooLong { .. })) => Some(ABOUT),
        Some(ApiError::Group(_)) => Some(NAME),
        error if is_about_password(error.as_ref()) => Some(CONFIRMING),
        _ => None,
    };
    let is_refused = posted.is_some();
    let error = Signal::derive(move || posted.clone());
    let typed = |name| page::posted_field::<AddGroupFunction>(name).unwrap_or_default();
    view! {
        <div class="page">
            <PageHeading heading=text.add_group_title()/>
            <p class="lead">{text.add_group_lead()}</p>
            <section class="panel" aria-label=text.add_group_title()>
                <PlainForm function=AddGroupFunction::PATH is_refused>
                    <TextField
                        name=TITLE
                        label=text.add_group_name()
                        content=Content::Title
                        value=typed(TITLE)
                        invalid=field == Some(TITLE)
                        error_id=ERROR
                        autofocus=field == Some(TITLE)
                    />
                    <TextField
                        name=NAME
                        label=text.add_group_technical()
                        content=Content::NewLogin
                        hint=text.add_group_technical_hint()
                        value=typed(NAME)
                        invalid=field == Some(NAME)
                        error_id=ERROR
                        autofocus=field == Some(NAME)
                    />
                    <TextField
                        name=ABOUT
                        label=text.add_group_about()
                        content=Content::About
                        value=typed(ABOUT)
                        invalid=field == Some(ABOUT)
                        error_id=ERROR
                        autofocus=field == Some(ABOUT)
                    />
                    <ConfirmingPassword
                        id=CONFIRMING
                        error_id=ERROR
                        invalid=field == Some(CONFIRMING)
                    />
                    <ErrorAlert id=ERROR error field=Signal::stored(field)/>
                    <SubmitButton
                        label=text.add_group_submit()
                        emphasis=Emphasis::Primary
                        pending=Signal::stored(false)
                    />
                </PlainForm>
            </section>
            <p><a href=routes::GROUPS>{text.group_back()}</a></p>
        </div>
    }
}
