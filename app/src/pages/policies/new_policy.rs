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
        icon::{Icon, Shape},
        plain_form::PlainForm,
        submit_button::{Emphasis, SubmitButton},
        text_field::{Content, TextField},
    },
    page, routes,
    text::{self, text},
    wire::{
        ApiError,
        policy::{PolicyForecast, PolicyProblem, PolicyUsers},
        user::GroupTitle,
    },
    wording,
};

const TITLE: &str = "new-policy";
const NUMBER: &str = "number";
const UNIT: &str = "unit";
const PASSWORD: &str = "policy-password";
const ERROR: &str = "policy-error";
const FORECAST: &str = "policy-forecast";

/// The form. If people would lose sessions, the page says how many, and the person ticks a box to agree.
#[component]
pub fn NewPolicy(
    companies: Vec<(CompanyId, String)>,
    groups: Vec<(GroupId, GroupTitle)>,
) -> impl IntoView {
    let text = text();
    let posted = page::posted_error::<SetPolicy>();
    let typed = |name: &str| page::posted_field::<SetPolicy>(name).unwrap_or_default();
    // "Cancel" gives up what was typed, without another question.
    let (forecast, posted) = match posted {
        Some(ApiError::Policy(PolicyProblem::NeedsAgreement(forecast))) => (Some(forecast), None),
        posted => (None, posted),
    };
    let field = match &posted {
        Some(ApiError::Policy(PolicyProblem::NeedsTime)) => Some(UNIT),
        Some(ApiError::Policy(_)) => Some(NUMBER),
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
    ];
    let units = units.map(|(value, words)| (value.to_owned(), words.to_owned()));
    let cancel = forecast.is_some().then(|| {
        view! { <a class="button" href=routes::POLICIES>{text::revoke().cancel()}</a> }
    });
    let agreement = forecast.map(|forecast| view! { <Agreement forecast/> });
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
                    hint=text.policy_number_hint(text.policy_refuse_log_in(), text.policy_shared_computer())
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
                <div class="policy__actions">
                    <SubmitButton
                        label=text.policy_set_title()
                        emphasis=Emphasis::Primary
                        pending=Signal::stored(false)
                    />
                    {cancel}
                </div>
            </PlainForm>
        </section>
    }
    .into_any()
}

/// What the policy would do, and the box with which a person agrees.
#[component]
fn Agreement(forecast: PolicyForecast) -> impl IntoView {
    let typed = |name: &str| page::posted_field::<SetPolicy>(name).unwrap_or_default();
    let fields = ["setting", "whom", NUMBER, UNIT].map(typed);
    let fields = fields.each_ref().map(String::as_str);
    let agreed = forecast.agreement(fields);
    let sentences = wording::policy_forecast(text::error(), &forecast);
    let sentences = sentences
        .into_iter()
        .map(|sentence| view! { <p>{sentence}</p> })
        .collect_view();
    view! {
        <div class="notice notice--attention" id=FORECAST role="alert" tabindex="-1" autofocus=true>
            <Icon shape=Shape::Warning/>
            <div>{sentences}</div>
        </div>
        <label class="check">
            <input
                class="check__box"
                type="checkbox"
                name="agreed"
                value=agreed
                aria-describedby=FORECAST
            />
            <span>{text().policy_agree()}</span>
        </label>
    }
}
