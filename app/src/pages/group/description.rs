//! The name and the description of a group.

use latchkey_words::GroupId;
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::{
    api::group::DescribeGroup,
    components::{
        confirming_password::{ConfirmingPassword, is_about_password},
        done::Done,
        error_alert::ErrorAlert,
        plain_form::PlainForm,
        submit_button::{Emphasis, SubmitButton},
        text_field::{Content, TextField},
    },
    page,
    text::text,
    wire::ApiError,
};

const SECTION: &str = "description";
const TITLE: &str = "title";
const ABOUT: &str = "about";
const PASSWORD: &str = "description-password";
const ERROR: &str = "description-error";

/// The form.
#[component]
pub fn Description(id: GroupId, title: String, about: String) -> impl IntoView {
    let text = text();
    let done = page::posted_done::<DescribeGroup>()
        .map(|_| view! { <Done words=text.group_described().to_owned()/> });
    let posted = page::posted_error::<DescribeGroup>();
    let field = match &posted {
        Some(ApiError::Name(_)) => Some(TITLE),
        Some(ApiError::Group(_)) => Some(ABOUT),
        error if is_about_password(error.as_ref()) => Some(PASSWORD),
        _ => None,
    };
    let typed = |name, kept| page::posted_field::<DescribeGroup>(name).unwrap_or(kept);
    let is_refused = posted.is_some();
    let error = Signal::derive(move || posted.clone());
    view! {
        <section class="panel" aria-labelledby=SECTION>
            <h2 class="panel__title" id=SECTION>{text.group_describe_title()}</h2>
            {done}
            <PlainForm function=DescribeGroup::PATH id=id.to_string() is_refused>
                <TextField
                    name=TITLE
                    label=text.add_group_name()
                    content=Content::Title
                    value=typed(TITLE, title)
                    invalid=field == Some(TITLE)
                    error_id=ERROR
                    autofocus=field == Some(TITLE)
                />
                <TextField
                    name=ABOUT
                    label=text.add_group_about()
                    content=Content::About
                    value=typed(ABOUT, about)
                    invalid=field == Some(ABOUT)
                    error_id=ERROR
                    autofocus=field == Some(ABOUT)
                />
                <ConfirmingPassword
                    id=PASSWORD
                    error_id=ERROR
                    invalid=field == Some(PASSWORD)
                />
                <ErrorAlert id=ERROR error field=Signal::stored(field)/>
                <SubmitButton
                    label=text.group_describe_submit()
                    emphasis=Emphasis::Primary
                    pending=Signal::stored(false)
                />
            </PlainForm>
        </section>
    }
}
