//! The form for a new record rule.

use latchkey_words::{GroupId, Resource, Scope, Verb};
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::{
    api::rule::AddRule,
    components::{
        choice::Choice,
        confirming_password::{ConfirmingPassword, is_about_password},
        error_alert::ErrorAlert,
        plain_form::PlainForm,
        submit_button::{Emphasis, SubmitButton},
        text_field::{Content, TextField},
    },
    page,
    text::text,
    wire::{ApiError, group::RuleProblem, user::GroupTitle},
    wording,
};

const TITLE: &str = "new-rule";
const NAME: &str = "name";
const VERBS: &str = "verbs[]";
const PASSWORD: &str = "rule-password";
const ERROR: &str = "rule-error";

/// The resources whose rows PostgreSQL judges by rules.
const RESOURCES: [Resource; 2] = [Resource::USERS, Resource::COMPANIES];

/// The form.
#[component]
pub fn NewRule(groups: Vec<(GroupId, GroupTitle)>) -> impl IntoView {
    let text = text();
    let posted = page::posted_error::<AddRule>();
    let typed = |name: &str| page::posted_field::<AddRule>(name).unwrap_or_default();
    let ticked = page::posted_fields::<AddRule>(VERBS).unwrap_or_default();
    let is_name = matches!(
        posted,
        Some(ApiError::Name(_) | ApiError::Rule(RuleProblem::Taken))
    );
    let is_password = is_about_password(posted.as_ref());
    let field = match (is_name, is_password) {
        (true, _) => Some(NAME),
        (_, true) => Some(PASSWORD),
        _ => None,
    };
    let is_refused = posted.is_some();
    let error = Signal::derive(move || posted.clone());
    let resources = RESOURCES.map(|resource| {
        let name = resource.as_str();
        (name.to_owned(), wording::resource(text, name))
    });
    let everyone = (String::new(), text.rule_for_all().to_owned());
    let groups = groups
        .into_iter()
        .map(|(id, title)| (id.to_string(), wording::group_title(text, &title)));
    let groups: Vec<_> = [everyone].into_iter().chain(groups).collect();
    let scopes = Scope::ALL.iter();
    let scopes: Vec<_> = scopes
        .map(|scope| {
            let words = wording::scope(text, *scope).to_owned();
            (scope.as_str().to_owned(), words)
        })
        .collect();
    let verbs = Verb::ALL.iter().map(|verb| {
        let checked = ticked.iter().any(|ticked| ticked == verb.as_str());
        view! {
            <label class="check">
                <input
                    class="check__box"
                    type="checkbox"
                    name=VERBS
                    value=verb.as_str()
                    checked=checked
                />
                <span>{wording::verb(text, *verb)}</span>
            </label>
        }
    });
    let verbs = verbs.collect_view();
    view! {
        <section class="panel" aria-labelledby=TITLE>
            <h2 class="panel__title" id=TITLE>{text.rule_add_title()}</h2>
            <PlainForm function=AddRule::PATH is_refused>
                <TextField
                    name=NAME
                    label=text.add_group_name()
                    content=Content::Title
                    value=typed(NAME)
                    invalid=is_name
                    error_id=ERROR
                    autofocus=is_name
                />
                <Choice
                    name="resource"
                    label=text.rule_resource()
                    options=resources.into()
                    chosen=typed("resource")
                />
                <fieldset class="verbs">
                    <legend class="verbs__title">{text.rule_verbs()}</legend>
                    {verbs}
                </fieldset>
                <Choice
                    name="scope"
                    label=text.rule_scope()
                    options=scopes
                    chosen=typed("scope")
                />
                <Choice
                    name="group"
                    label=text.rule_group()
                    options=groups
                    chosen=typed("group")
                />
                <ConfirmingPassword id=PASSWORD error_id=ERROR invalid=is_password/>
                <ErrorAlert id=ERROR error field=Signal::stored(field)/>
                <SubmitButton
                    label=text.rule_add_title()
                    emphasis=Emphasis::Primary
                    pending=Signal::stored(false)
                />
            </PlainForm>
        </section>
    }
    .into_any()
}
