//! The deletion of a group.

use latchkey_words::GroupId;
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::{
    api::group::DeleteGroup,
    components::{
        confirming_password::{ConfirmingPassword, is_about_password},
        error_alert::ErrorAlert,
        plain_form::PlainForm,
        submit_button::{Emphasis, SubmitButton},
        text_field::{Content, TextField},
    },
    page,
    text::text,
    wire::{ApiError, group::GroupProblem},
};

const TITLE: &str = "delete-group";
const FIELD: &str = "name";
const PASSWORD: &str = "delete-password";
const ERROR: &str = "delete-error";

/// The form. The person types the group's technical name, because nothing brings the group back.
#[component]
pub fn Deletion(
    id: GroupId,
    /// The group's technical name.
    name: String,
) -> impl IntoView {
    let text = text();
    let posted = page::posted_error::<DeleteGroup>();
    let typed = page::posted_field::<DeleteGroup>(FIELD).unwrap_or_default();
    let is_name = posted == Some(ApiError::Group(GroupProblem::OtherName));
    let is_password = is_about_password(posted.as_ref());
    let field = match (is_name, is_password) {
        (true, _) => Some(FIELD),
        (_, true) => Some(PASSWORD),
        _ => None,
    };
    let is_refused = posted.is_some();
    let error = Signal::derive(move || posted.clone());
    view! {
        <section class="panel" aria-labelledby=TITLE>
            <h2 class="panel__title" id=TITLE>{text.user_delete_title()}</h2>
            <p class="lead">{text.group_delete_lead()}</p>
            <PlainForm function=DeleteGroup::PATH id=id.to_string() is_refused>
                <TextField
                    name=FIELD
                    label=text.group_delete_name()
                    content=Content::NewLogin
                    hint=name
                    value=typed
                    invalid=is_name
                    error_id=ERROR
                    autofocus=is_name
                />
                <ConfirmingPassword id=PASSWORD error_id=ERROR invalid=is_password/>
                <ErrorAlert id=ERROR error field=Signal::stored(field)/>
                <SubmitButton
                    label=text.group_delete_submit()
                    emphasis=Emphasis::Danger
                    pending=Signal::stored(false)
                />
            </PlainForm>
        </section>
    }
}
