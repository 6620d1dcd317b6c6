//! Settings, Rules: the record rules, for people with the right to read groups.

mod new_rule;

use latchkey_words::Verb;
use leptos::{either::Either, prelude::*};
use server_fn::ServerFn;

use self::new_rule::NewRule;
use super::Page;
use crate::{
    api::rule::{AddRule, DeleteRule, list_rules},
    audience::Audience,
    components::{
        confirming_password::{ConfirmingPassword, is_about_password},
        deletion::Deletion,
        done::Done,
        error_alert::ErrorAlert,
        failure::Failure,
        loading::Loading,
        page_heading::PageHeading,
        plain_form::PlainForm,
        technical::TechnicalFact,
    },
    page, routes,
    text::{Text, text},
    wire::group::{ListedRule, RuleList},
    wording,
};

const PASSWORD: &str = "delete-password";
const ERROR: &str = "delete-error";

/// Settings, Rules.
pub const PAGE: Page = Page::new(
    routes::RULES,
    Audience::Right(Verb::Read, latchkey_words::Resource::GROUPS),
    Text::rules_title,
    || Rules().into_any(),
);

/// The page. Its forms are posted without script, because script would make nothing better here.
#[component]
fn Rules() -> impl IntoView {
    let text = text();
    let rules = Resource::new(|| (), |()| list_rules());
    let done = match (
        page::posted_done::<AddRule>(),
        page::posted_done::<DeleteRule>(),
    ) {
        (Some(_), _) => Some(text.rule_added()),
        (_, Some(_)) => Some(text.rule_deleted()),
        (None, None) => None,
    };
    view! {
        <div class="page">
            <PageHeading heading=text.rules_title()/>
            <p class="lead">{text.rules_lead()}</p>
            {done.map(|words| view! { <Done words=words.to_owned()/> })}
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match rules.await {
                        Ok(rules) => Either::Left(view! { <List rules/> }),
                        Err(error) => Either::Right(view! { <Failure error/> }),
                    }
                })}
            </Suspense>
            <p><a href=routes::GROUPS>{text.group_back()}</a></p>
        </div>
    }
}

#[component]
fn List(rules: RuleList) -> impl IntoView {
    let text = text();
    let may_write = page::is_open(Audience::Right(
        Verb::Write,
        latchkey_words::Resource::GROUPS,
    ));
    let RuleList { rules, groups } = rules;
    let none = rules
        .is_empty()
        .then(|| view! { <p>{text.rules_none()}</p> });
    let has_rules = !rules.is_empty();
    // A rule that another person has deleted meanwhile has no form that could tell the refusal.
    let asked = page::posted_field::<DeleteRule>("name");
    let is_gone = asked.is_some_and(|asked| rules.iter().all(|rule| rule.name != asked));
    let gone = page::posted_error::<DeleteRule>().filter(|_| is_gone);
    let gone = gone.map(|error| {
        view! { <ErrorAlert id=ERROR error=Signal::stored(Some(error))/> }
    });
    let rules = rules
        .into_iter()
        .map(|rule| view! { <li><OneRule rule may_write/></li> })
        .collect_view();
    view! {
        {gone}
        {none}
        {has_rules
            .then(|| {
                view! { <ul class="users" role="list" aria-label=text.rules_title()>{rules}</ul> }
            })}
        {may_write.then(|| view! { <NewRule groups/> })}
    }
    .into_any()
}

/// A rule in words, and its deletion.
#[component]
fn OneRule(rule: ListedRule, may_write: bool) -> impl IntoView {
    let text = text();
    let verbs: Vec<_> = rule
        .verbs
        .iter()
        .map(|verb| wording::verb(text, *verb))
        .collect();
    let of = [
        &*wording::resource(text, &rule.resource),
        ": ",
        &verbs.join(", "),
    ]
    .concat();
    let whom = match &rule.group {
        Some(group) => text.rule_for_group(&wording::isolated(&wording::group_title(text, group))),
        None => text.rule_for_all().to_owned(),
    };
    let name = rule.name.clone();
    let is_for_all = rule.group.is_none();
    let verbs: Vec<_> = rule.verbs.iter().map(|verb| verb.as_str()).collect();
    let technical = format!(
        "{} {}: {}",
        rule.resource,
        verbs.join(","),
        rule.scope.as_str()
    );
    view! {
        <article class="user">
            <p class="user__name"><bdi>{rule.name}</bdi></p>
            <ul class="device__facts device__facts--quiet" role="list">
                <li>{of}</li>
                <li>{wording::scope(text, rule.scope)}</li>
                <li>{whom}</li>
                <TechnicalFact name=technical/>
            </ul>
            {may_write.then(|| view! { <DeleteForm name is_for_all/> })}
        </article>
    }
    .into_any()
}

/// The button that deletes a rule, and what a refusal of this rule has said.
#[component]
fn DeleteForm(name: String, is_for_all: bool) -> impl IntoView {
    let text = text();
    let is_asked = page::posted_field::<DeleteRule>("name").as_deref() == Some(&*name);
    let posted = page::posted_error::<DeleteRule>().filter(|_| is_asked);
    let is_password = is_about_password(posted.as_ref());
    let field = is_password.then_some(PASSWORD);
    let is_refused = posted.is_some();
    let error = Signal::derive(move || posted.clone());
    let asked = is_asked.then(|| {
        view! {
            <ConfirmingPassword id=PASSWORD error_id=ERROR invalid=is_password/>
            <ErrorAlert id=ERROR error field=Signal::stored(field)/>
        }
    });
    // A rule for all narrows, a rule for a group widens.
    let consequence = if is_for_all {
        text.rule_delete_for_all()
    } else {
        text.rule_delete_for_group()
    };
    let label = [text.rule_delete(), " – ", &wording::isolated(&name)].concat();
    view! {
        <Deletion words=text.rule_delete() label=label.clone() consequence is_open=is_refused>
            <PlainForm function=DeleteRule::PATH is_refused>
                <input type="hidden" name="name" value=name/>
                {asked}
                <p>
                    <button class="button button--danger" type="submit" aria-label=label.clone()>
                        {text.rule_delete()}
                    </button>
                </p>
            </PlainForm>
        </Deletion>
    }
}
