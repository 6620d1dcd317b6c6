//! The groups that a group implies.

use latchkey_words::GroupId;
use leptos::{either::Either, prelude::*};
use server_fn::ServerFn;

use crate::{
    api::group::SetImpliedGroups,
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
    wording,
};

const TITLE: &str = "implied";
const FIELD: &str = "groups[]";
const PASSWORD: &str = "implied-password";
const ERROR: &str = "implied-error";

/// The other groups with boxes, or the names of the implied ones if the person may not change that.
#[component]
pub fn Implied(id: GroupId, others: Vec<GroupChoice>, may_write: bool) -> impl IntoView {
    let text = text();
    let content = if may_write {
        Either::Left(view! { <ImpliedForm id others/> })
    } else {
        let given = others.iter().filter(|other| other.is_given);
        let given = given.map(|other| {
            view! { <li><bdi>{wording::group_title(text, &other.title)}</bdi></li> }
        });
        let given: Vec<_> = given.collect();
        let none = given
            .is_empty()
            .then(|| view! { <li>{text.users_no_group()}</li> });
        Either::Right(view! { <ul role="list">{given} {none}</ul> })
    };
    view! {
        <section class="panel" aria-labelledby=TITLE>
            <h2 class="panel__title" id=TITLE>{text.group_implied_title()}</h2>
            <p class="lead">{text.group_implied_lead()}</p>
            {content}
        </section>
    }
}

#[component]
fn ImpliedForm(id: GroupId, others: Vec<GroupChoice>) -> impl IntoView {
    let text = text();
    let done = page::posted_done::<SetImpliedGroups>()
        .map(|_| view! { <Done words=text.group_implied_saved().to_owned()/> });
    let posted = page::posted_error::<SetImpliedGroups>();
    let ticked = page::posted_fields::<SetImpliedGroups>(FIELD);
    let is_password = is_about_password(posted.as_ref());
    let field = is_password.then_some(PASSWORD);
    let is_refused = posted.is_some();
    let error = Signal::derive(move || posted.clone());
    let shown = others.iter().filter(|other| other.is_given);
    let shown = shown.map(|other| other.id.to_string()).collect();
    // Ticks of a refused form go with what that form has shown.
    let shown = page::posted_fields::<SetImpliedGroups>(SHOWN).unwrap_or(shown);
    let boxes = others.into_iter().map(|group| {
        let checked = match &ticked {
            Some(ticked) => ticked.contains(&group.id.to_string()),
            None => group.is_given,
        };
        view! { <GroupBox group name=FIELD checked/> }
    });
    let boxes = boxes.collect_view();
    view! {
        {done}
        <PlainForm function=SetImpliedGroups::PATH id=id.to_string() is_refused>
            <Shown values=shown/>
            <fieldset class="checks" aria-labelledby=TITLE>{boxes}</fieldset>
            <ConfirmingPassword id=PASSWORD error_id=ERROR invalid=is_password/>
            <ErrorAlert id=ERROR error field=Signal::stored(field)/>
            <SubmitButton
                label=text.group_implied_submit()
                emphasis=Emphasis::Primary
                pending=Signal::stored(false)
            />
        </PlainForm>
    }
}
