//! The form for a policy.

use latchkey_words::{CompanyId, GroupId, PolicySetting};
use leptos::prelude::*;
use server_fn::ServerFn;

use super::written;
use crate::{
    api::policy::SetPolicy,
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
    wire::{
        ApiError,
        policy::{PolicyProblem, PolicyUsers},
        user::GroupTitle,
    },
    wording,
};

const TITLE: &str = "new-policy";
const NUMBER: &str = "number";
const UNIT: &str = "unit";
const PASSWORD: &str = "policy-password";
const ERROR: &str = "policy-error";

/// The form. If a policy would end sessions, the page says how many, and the person ticks a box to agree.
#[component]
pub fn NewPolicy(
    companies: Vec<(CompanyId, String)>,
    groups: Vec<(GroupId, GroupTitle)>,
) -> impl IntoView {
    let text = text();
    let posted = page::posted_error::<SetPolicy>();
    let typed = |name: &str| page::posted_field::<SetPolicy>(name).unwrap_or_default();
    let would_end = match posted {
        Some(ApiError::Policy(PolicyProblem::WouldEnd { sessions, .. })) => Some(sessions),
        _ => None,
    };
    let field = match &posted {
        Some(ApiError::Policy(PolicyProblem::NeedsTime | PolicyProblem::NeedsDevices)) => {
            Some(UNIT)
        }
        Some(ApiError::Policy(_)) if would_end.is_none() => Some(NUMBER),
        error if is_about_password(error.as_ref()) => Some(PASSWORD),
        _ => None,
    };
    let is_refused = posted.is_some();
    let error = Signal::derive(move || posted.clone());
    let settings = PolicySetting::ALL.iter().map(|setting| {
        let words = wording::policy_setting(text, *setting).to_owned();
        (setting.as_str().to_owned(), words)
    });
    let settings: Vec<_> = settings.collect();
    let companies = companies
        .into_iter()
        .map(|(id, name)| PolicyUsers::OfCompany(id, name));
    let groups = groups
        .into_iter()
        .map(|(id, title)| PolicyUsers::OfGroup(id, title));
    let users = [PolicyUsers::All]
        .into_iter()
        .chain(groups)
        .chain(companies);
    let users = users.map(|whom| (written(&whom), wording::policy_users(text, &whom)));
    let users: Vec<_> = users.collect();
    let units = [
        ("minutes", text.policy_minutes()),
        ("hours", text.policy_hours()),
        ("days", text.policy_days()),
        ("devices", text.policy_devices()),
    ];
    let units = units.map(|(value, words)| (value.to_owned(), words.to_owned()));
    let agreement = would_end.map(|sessions| view! { <Agreement sessions/> });
    view! {
        <section class="panel" aria-labelledby=TITLE>
            <h2 class="panel__title" id=TITLE>{text.policy_set_title()}</h2>
            <PlainForm function=SetPolicy::PATH is_refused>
                <Choice
                    name="setting"
                    label=text.policy_setting()
                    options=settings
                    chosen=typed("setting")
                />
                <Choice
                    name="whom"
                    label=text.rule_group()
                    options=users
                    chosen=typed("whom")
                />
                <TextField
                    name=NUMBER
                    label=text.policy_number()
                    content=Content::Number
                    value=typed(NUMBER)
                    invalid=field == Some(NUMBER)
                    error_id=ERROR
                    autofocus=field == Some(NUMBER)
                />
                <Choice
                    name=UNIT
                    label=text.policy_unit()
                    options=units.into()
                    chosen=typed(UNIT)
                    invalid=field == Some(UNIT)
                    error_id=ERROR
                />
                <ConfirmingPassword id=PASSWORD error_id=ERROR invalid=field == Some(PASSWORD)/>
                <ErrorAlert id=ERROR error field=Signal::stored(field)/>
                {agreement}
                <SubmitButton
                    label=text.policy_set_title()
                    emphasis=Emphasis::Primary
                    pending=Signal::stored(false)
                />
            </PlainForm>
        </section>
    }
    .into_any()
}

/// The box with which a person agrees that the policy ends so many sessions.
#[component]
fn Agreement(sessions: u32) -> impl IntoView {
    let typed = |name: &str| page::posted_field::<SetPolicy>(name).unwrap_or_default();
    let fields = ["setting", "whom", NUMBER, UNIT].map(typed);
    let fields = fields.each_ref().map(String::as_str);
    let agreed = PolicyProblem::agreement(fields, &sessions.to_string());
    view! {
        <label class="check">
            <input
                class="check__box"
                type="checkbox"
                name="agreed"
                value=agreed
                aria-describedby=ERROR
            />
            <span>{text().policy_agree()}</span>
        </label>
    }
}
