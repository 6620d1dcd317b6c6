//! The groups that a user is put into.

use latchkey_words::{GroupId, UserId};
use leptos::{either::Either, prelude::*};
use server_fn::ServerFn;

use crate::{
    api::user::SetUserGroups,
    components::{
        confirming_password::{ConfirmingPassword, is_about_password},
        done::Done,
        error_alert::ErrorAlert,
        group_box::GroupBox,
        plain_form::PlainForm,
        shown::{SHOWN, Shown},
        submit_button::{Emphasis, SubmitButton},
    },
    page,
    text::text,
    wire::user::GroupChoice,
};

const TITLE: &str = "groups";
const FIELD: &str = "groups[]";
const PASSWORD: &str = "groups-password";
const ERROR: &str = "groups-error";

/// The groups with boxes, or their names only if the person may not change the user.
#[component]
pub fn Groups(
    id: UserId,
    groups: Vec<GroupChoice>,
    /// The names of the groups that the user is put into.
    given: Vec<String>,
    may_write: bool,
) -> impl IntoView {
    let text = text();
    let content = if may_write {
        Either::Left(view! { <GroupsForm id groups/> })
    } else {
        let none = given
            .is_empty()
            .then(|| view! { <li>{text.users_no_group()}</li> });
        let given = given
            .into_iter()
            .map(|name| view! { <li><bdi>{name}</bdi></li> })
            .collect_view();
        Either::Right(view! { <ul role="list">{given} {none}</ul> })
    };
    view! {
        <section class="panel" aria-labelledby=TITLE>
            <h2 class="panel__title" id=TITLE>{text.users_groups()}</h2>
            {content}
        </section>
    }
}

#[component]
fn GroupsForm(id: UserId, groups: Vec<GroupChoice>) -> impl IntoView {
    let text = text();
    let done = page::posted_done::<SetUserGroups>()
        .map(|_| view! { <Done words=text.user_groups_saved().to_owned()/> });
    let posted = page::posted_error::<SetUserGroups>();
    let ticked = page::posted_fields::<SetUserGroups>(FIELD);
    let is_password = is_about_password(posted.as_ref());
    let field = is_password.then_some(PASSWORD);
    let is_refused = posted.is_some();
    let error = Signal::derive(move || posted.clone());
    let is_ticked = |group: GroupId, is_given: bool| match &ticked {
        Some(ticked) => ticked.contains(&group.to_string()),
        None => is_given,
    };
    let shown = groups.iter().filter(|group| group.is_given);
    let shown = shown.map(|group| group.id.to_string()).collect();
    // Ticks of a refused form go with what that form has shown.
    let shown = page::posted_fields::<SetUserGroups>(SHOWN).unwrap_or(shown);
    let boxes = groups.into_iter().map(|group| {
        let checked = is_ticked(group.id, group.is_given);
        view! { <GroupBox group name=FIELD checked/> }
    });
    let boxes = boxes.collect_view();
    view! {
        <p class="lead">{text.user_groups_lead()}</p>
        {done}
        <PlainForm function=SetUserGroups::PATH id=id.to_string() is_refused>
            <Shown values=shown/>
            <fieldset class="checks" aria-labelledby=TITLE>{boxes}</fieldset>
            <ConfirmingPassword id=PASSWORD error_id=ERROR invalid=is_password/>
            <ErrorAlert id=ERROR error field=Signal::stored(field)/>
            <SubmitButton
                label=text.user_groups_submit()
                emphasis=Emphasis::Primary
                pending=Signal::stored(false)
            />
        </PlainForm>
    }
}
