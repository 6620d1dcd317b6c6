//! Settings, Policies: what is stricter than in the configuration file, for people with the right to read settings.

mod new_policy;

use latchkey_words::{PolicySetting, Verb};
use leptos::{either::Either, prelude::*};
use server_fn::ServerFn;

use self::new_policy::NewPolicy;
use super::Page;
use crate::{
    api::policy::{ClearPolicy, SetPolicy, list_policies},
    audience::Audience,
    components::{
        confirming_password::{ConfirmingPassword, is_about_password},
        deletion::Deletion,
        done::Done,
        error_alert::ErrorAlert,
        failure::Failure,
        icon::Shape,
        loading::Loading,
        page_heading::PageHeading,
        plain_form::PlainForm,
        technical::{Technical, TechnicalFact},
    },
    page, routes,
    text::{Text, text},
    wire::policy::{ListedPolicy, PolicyList, PolicyUsers, SettingPolicies},
    wording,
};

const PASSWORD: &str = "clear-password";
const ERROR: &str = "clear-error";

/// Settings, Policies.
pub const PAGE: Page = Page::new(
    routes::POLICIES,
    Audience::Right(Verb::Read, latchkey_words::Resource::SETTINGS),
    Text::policies_title,
    || Policies().into_any(),
)
.in_menu(Shape::Clock, Text::policies_title);

/// The page. Its forms are posted without script, because script would make nothing better here.
#[component]
fn Policies() -> impl IntoView {
    let text = text();
    let policies = Resource::new(|| (), |()| list_policies());
    let done = match (
        page::posted_done::<SetPolicy>(),
        page::posted_done::<ClearPolicy>(),
    ) {
        (Some(_), _) => Some(text.policy_saved()),
        (_, Some(_)) => Some(text.policy_deleted()),
        (None, None) => None,
    };
    view! {
        <div class="page">
            <PageHeading heading=text.policies_title()/>
            <p class="lead">{text.policies_lead()}</p>
            {done.map(|words| view! { <Done words=words.to_owned()/> })}
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match policies.await {
                        Ok(policies) => Either::Left(view! { <List policies/> }),
                        Err(error) => Either::Right(view! { <Failure error/> }),
                    }
                })}
            </Suspense>
        </div>
    }
}

#[component]
fn List(policies: PolicyList) -> impl IntoView {
    let may_write = page::is_open(Audience::Right(
        Verb::Write,
        latchkey_words::Resource::SETTINGS,
    ));
    let PolicyList {
        settings,
        companies,
        groups,
    } = policies;
    // A policy that another person has deleted meanwhile has no form that could tell the refusal.
    let has_form = settings.iter().any(|one| {
        let mut policies = one.policies.iter();
        policies.any(|policy| is_asked(one.setting, &policy.whom))
    });
    let gone = page::posted_error::<ClearPolicy>().filter(|_| !has_form);
    let gone = gone.map(|error| {
        view! { <ErrorAlert id=ERROR error=Signal::stored(Some(error))/> }
    });
    let settings = settings
        .into_iter()
        .map(|setting| view! { <li><OneSetting setting may_write/></li> })
        .collect_view();
    view! {
        {gone}
        <ul class="users" role="list" aria-label=text().policies_title()>{settings}</ul>
        {may_write.then(|| view! { <NewPolicy companies groups/> })}
    }
    .into_any()
}

/// A setting with the value of the configuration file and the policies.
#[component]
fn OneSetting(setting: SettingPolicies, may_write: bool) -> impl IntoView {
    let text = text();
    let SettingPolicies {
        setting,
        configured,
        policies,
    } = setting;
    let configured = wording::policy_configured(text, setting, configured);
    let policies = policies
        .into_iter()
        .map(|policy| view! { <OnePolicy setting policy may_write/> });
    view! {
        <article class="user">
            <h2 class="policy__setting">{wording::policy_setting(text, setting)}</h2>
            <ul class="device__facts device__facts--quiet" role="list">
                <li>{text.policy_configured(&configured)}</li>
                <TechnicalFact name=setting.as_str()/>
            </ul>
            {policies.collect_view()}
        </article>
    }
    .into_any()
}

/// A policy in words, and its deletion.
#[component]
fn OnePolicy(setting: PolicySetting, policy: ListedPolicy, may_write: bool) -> impl IntoView {
    let text = text();
    let ListedPolicy { whom, value } = policy;
    let technical = format!("{} = {value}", setting.as_str());
    let words = wording::policy_value(setting, value);
    let words = text.policy_words(&words, &wording::policy_users(text, &whom));
    view! {
        <div class="policy">
            <p>
                {words.clone()}
                <Technical name=technical/>
            </p>
            {may_write.then(|| view! { <ClearForm setting whom value words/> })}
        </div>
    }
    .into_any()
}

/// The button that deletes a policy, and what a refusal of this policy has said.
#[component]
fn ClearForm(
    setting: PolicySetting,
    whom: PolicyUsers,
    value: u32,
    words: String,
) -> impl IntoView {
    let text = text();
    let is_asked = is_asked(setting, &whom);
    let posted = page::posted_error::<ClearPolicy>().filter(|_| is_asked);
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
    let title = wording::policy_setting(text, setting);
    let label = [text.policy_delete(), " – ", title, " – ", &words].concat();
    view! {
        <Deletion
            words=text.policy_delete()
            label=label.clone()
            consequence=text.policy_delete_consequence()
            is_open=is_refused
        >
            <PlainForm function=ClearPolicy::PATH is_refused>
                <input type="hidden" name="setting" value=setting.as_str()/>
                <input type="hidden" name="whom" value=written(&whom)/>
                <input type="hidden" name="value" value=value.to_string()/>
                {asked}
                <p>
                    <button class="button button--danger" type="submit" aria-label=label.clone()>
                        {text.policy_delete()}
                    </button>
                </p>
            </PlainForm>
        </Deletion>
    }
}

/// Whether the last form asked to delete this policy, and was refused.
fn is_asked(setting: PolicySetting, whom: &PolicyUsers) -> bool {
    let field = page::posted_field::<ClearPolicy>;
    field("setting").as_deref() == Some(setting.as_str())
        && field("whom").unwrap_or_default() == written(whom)
}

/// The users of a policy in a form: `group:` or `company:` with the id, or nothing for all.
fn written(whom: &PolicyUsers) -> String {
    match whom {
        PolicyUsers::All => String::new(),
        PolicyUsers::OfCompany(id, _) => ["company:", &id.to_string()].concat(),
        PolicyUsers::OfGroup(id, _) => ["group:", &id.to_string()].concat(),
    }
}
