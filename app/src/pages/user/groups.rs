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
        submit_button::{Emphasis, SubmitButton},
    },
    page,
    text::text,
    wire::user::GroupChoice,
    wording,
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
    let error = Signal::derive(move || posted.clone());
    let is_ticked = |group: GroupId, is_given: bool| match &ticked {
        Some(ticked) => ticked.contains(&group.to_string()),
        None => is_given,
    };
    let boxes = groups.into_iter().map(|group| {
        let checked = is_ticked(group.id, group.is_given);
        view! { <GroupBox group checked/> }
    });
    let boxes = boxes.collect_view();
    view! {
        <p class="lead">{text.user_groups_lead()}</p>
        {done}
        <form class="form" method="post" action=page::form_address(SetUserGroups::PATH)>
            <input type="hidden" name="id" value=id.to_string()/>
            <fieldset class="checks" aria-labelledby=TITLE>{boxes}</fieldset>
            <ConfirmingPassword id=PASSWORD error_id=ERROR invalid=is_password/>
            <ErrorAlert id=ERROR error field=Signal::stored(field)/>
            <SubmitButton
                label=text.user_groups_submit()
                emphasis=Emphasis::Primary
                pending=Signal::stored(false)
            />
        </form>
    }
}

/// A group with its box, what the group is for, and what it implies.
#[component]
fn GroupBox(group: GroupChoice, checked: bool) -> impl IntoView {
    let text = text();
    let id = group.id.to_string();
    let hint_id = ["about-", &id].concat();
    let about = wording::group_about(text, &group);
    let implied = group.implies.iter();
    let implied = implied.map(|group| wording::isolated(&wording::group_title(text, group)));
    let implied: Vec<_> = implied.collect();
    let implied = (!implied.is_empty()).then(|| text.user_group_implies(&implied.join(", ")));
    let hint: Vec<_> = [Some(about), implied].into_iter().flatten().collect();
    let hint = hint.join(" ");
    let hint = (!hint.trim().is_empty()).then_some(hint);
    view! {
        <div>
            <label class="check">
                <input
                    class="check__box"
                    type="checkbox"
                    name=FIELD
                    value=id
                    checked=checked
                    aria-describedby=hint.is_some().then(|| hint_id.clone())
                />
                <span><bdi>{wording::group_title(text, &group.title)}</bdi></span>
            </label>
            {hint.map(|hint| view! { <p class="check__hint" id=hint_id>{hint}</p> })}
        </div>
    }
}
