//! What a group may do.

use latchkey_words::{GroupId, Verb};
use leptos::{either::Either, prelude::*};
use server_fn::ServerFn;

use crate::{
    api::group::SetGroupRights,
    components::{
        confirming_password::{ConfirmingPassword, is_about_password},
        done::Done,
        error_alert::ErrorAlert,
        plain_form::PlainForm,
        shown::{SHOWN, Shown},
        submit_button::{Emphasis, SubmitButton},
        technical::Technical,
    },
    page,
    text::text,
    wire::group::Right,
    wording,
};

const TITLE: &str = "rights";
const FIELD: &str = "rights[]";
const PASSWORD: &str = "rights-password";
const ERROR: &str = "rights-error";

/// The rights with boxes, or in words if the person may not change them.
#[component]
pub fn Rights(
    id: GroupId,
    rights: Vec<Right>,
    /// Rights that no box gives or takes.
    further: Vec<Right>,
    may_write: bool,
) -> impl IntoView {
    let text = text();
    let further = further.into_iter().filter_map(|right| in_words(&right));
    let further: Vec<_> = further.map(|words| view! { <li>{words}</li> }).collect();
    let has_further = !further.is_empty();
    let others = has_further.then(|| {
        view! {
            <p>{text.group_rights_further()}</p>
            <ul role="list">{further}</ul>
        }
    });
    let content = if may_write {
        Either::Left(view! { <RightsForm id rights/> })
    } else {
        let rights = rights.iter().filter_map(in_words);
        let rights: Vec<_> = rights.map(|words| view! { <li>{words}</li> }).collect();
        let none =
            (rights.is_empty() && !has_further).then(|| view! { <li>{text.group_no_right()}</li> });
        Either::Right(view! { <ul role="list">{rights} {none}</ul> })
    };
    view! {
        <section class="panel" aria-labelledby=TITLE>
            <h2 class="panel__title" id=TITLE>{text.group_rights_title()}</h2>
            {content}
            {others}
        </section>
    }
}

/// "Users: see, change"; `None` without a right.
fn in_words(right: &Right) -> Option<String> {
    let text = text();
    let given = right.verbs.iter().filter(|(_, is_given)| *is_given);
    let given: Vec<_> = given.map(|(verb, _)| wording::verb(text, *verb)).collect();
    let resource = wording::resource(text, &right.resource);
    (!given.is_empty()).then(|| [&resource, ": ", &given.join(", ")].concat())
}

#[component]
fn RightsForm(id: GroupId, rights: Vec<Right>) -> impl IntoView {
    let text = text();
    let done = page::posted_done::<SetGroupRights>()
        .map(|_| view! { <Done words=text.group_rights_saved().to_owned()/> });
    let posted = page::posted_error::<SetGroupRights>();
    let ticked = page::posted_fields::<SetGroupRights>(FIELD);
    let is_password = is_about_password(posted.as_ref());
    let field = is_password.then_some(PASSWORD);
    let is_refused = posted.is_some();
    let error = Signal::derive(move || posted.clone());
    let shown = rights.iter().flat_map(|right| {
        let given = right.verbs.iter().filter(|(_, is_given)| *is_given);
        given.map(|(verb, _)| written(&right.resource, *verb))
    });
    // Ticks of a refused form go with what that form has shown.
    let shown = page::posted_fields::<SetGroupRights>(SHOWN).unwrap_or_else(|| shown.collect());
    let resources = rights.into_iter().map(|right| {
        let boxes = right.verbs.iter().map(|(verb, is_given)| {
            let value = written(&right.resource, *verb);
            let checked = match &ticked {
                Some(ticked) => ticked.contains(&value),
                None => *is_given,
            };
            view! {
                <label class="check">
                    <input
                        class="check__box"
                        type="checkbox"
                        name=FIELD
                        value=value
                        checked=checked
                    />
                    <span>{wording::verb(text, *verb)}</span>
                </label>
            }
        });
        view! {
            <fieldset class="verbs">
                <legend class="verbs__title">
                    {wording::resource(text, &right.resource)}
                </legend>
                <Technical name=right.resource.clone()/>
                {boxes.collect_view()}
            </fieldset>
        }
    });
    let resources = resources.collect_view();
    view! {
        <p class="lead">{text.group_rights_lead()}</p>
        {done}
        <PlainForm function=SetGroupRights::PATH id=id.to_string() is_refused>
            <Shown values=shown/>
            {resources}
            <ConfirmingPassword id=PASSWORD error_id=ERROR invalid=is_password/>
            <ErrorAlert id=ERROR error field=Signal::stored(field)/>
            <SubmitButton
                label=text.group_rights_submit()
                emphasis=Emphasis::Primary
                pending=Signal::stored(false)
            />
        </PlainForm>
    }
}

/// A right in the form: `users:read`.
fn written(resource: &str, verb: Verb) -> String {
    [resource, ":", verb.as_str()].concat()
}
