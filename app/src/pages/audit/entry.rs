//! An entry of the audit log.

use latchkey_words::{AuditAction, AuditSubject, Verb};
use leptos::prelude::*;

use crate::{
    components::{
        address_fact::AddressFact, device_label::DeviceLabel, technical::TechnicalFact, time::Time,
    },
    text::{Text, text},
    wire::{
        audit::{AuditActor, AuditChange, AuditEntry},
        user::GroupTitle,
    },
    wording,
};

/// What was done to whom, which fields differ, when, by whom and from where.
#[component]
pub(super) fn Entry(entry: AuditEntry) -> impl IntoView {
    let text = text();
    let changes = entry.changes.iter();
    let changes: Vec<_> = changes
        .map(|change| view! { <li>{words(text, entry.action, change)}</li> })
        .collect();
    let changes = (!changes.is_empty()).then(|| {
        view! { <ul class="audit__changes" role="list" aria-label=text.audit_changes()>{changes}</ul> }
    });
    let when = wording::capitalised(&entry.at.phrase);
    let fields = entry.changes.iter().map(|change| &*change.field);
    let technical = [entry.subject.as_str(), entry.action.as_str()]
        .into_iter()
        .chain(fields);
    let technical = technical.collect::<Vec<_>>().join(" ");
    let subject = match entry.subject {
        AuditSubject::Group | AuditSubject::Policy => of_group(text, &entry.subject_name),
        _ => entry.subject_name,
    };
    view! {
        <article class="user">
            <p class="user__name">
                <span>{action(text, entry.subject, entry.action)}</span>
                <bdi>{subject}</bdi>
            </p>
            {changes}
            <ul class="device__facts device__facts--quiet" role="list">
                <li><Time moment=entry.at words=when/></li>
                <Actor actor=entry.actor/>
                <TechnicalFact name=technical/>
            </ul>
        </article>
    }
    .into_any()
}

#[component]
fn Actor(actor: Option<AuditActor>) -> impl IntoView {
    match actor {
        None => view! { <li>{text().audit_on_server()}</li> }.into_any(),
        Some(actor) => {
            let by = text().audit_by(&wording::isolated(&actor.login));
            view! {
                <li>{by}</li>
                <li><DeviceLabel name=actor.device/></li>
                {actor.address.map(|address| view! { <AddressFact address/> })}
            }
            .into_any()
        }
    }
}

fn action(text: Text, subject: AuditSubject, action: AuditAction) -> &'static str {
    match (subject, action) {
        (_, AuditAction::PasswordSet) => text.audit_password_set(),
        (_, AuditAction::LogInCodeMade) => text.activity_code_made(),
        (_, AuditAction::LoggedOut) => text.audit_logged_out(),
        (AuditSubject::User, AuditAction::Created) => text.audit_user_created(),
        (AuditSubject::User, AuditAction::Changed) => text.audit_user_changed(),
        (AuditSubject::User, AuditAction::Deleted) => text.audit_user_deleted(),
        (AuditSubject::Company, AuditAction::Created) => text.audit_company_created(),
        (AuditSubject::Company, AuditAction::Changed) => text.audit_company_changed(),
        (AuditSubject::Company, AuditAction::Deleted) => text.audit_company_deleted(),
        (AuditSubject::Group, AuditAction::Created) => text.audit_group_created(),
        (AuditSubject::Group, AuditAction::Changed) => text.audit_group_changed(),
        (AuditSubject::Group, AuditAction::Deleted) => text.audit_group_deleted(),
        (AuditSubject::Rule, AuditAction::Created) => text.audit_rule_created(),
        (AuditSubject::Rule, AuditAction::Changed) => text.audit_rule_changed(),
        (AuditSubject::Rule, AuditAction::Deleted) => text.audit_rule_deleted(),
        (AuditSubject::Policy, AuditAction::Created) => text.audit_policy_created(),
        (AuditSubject::Policy, AuditAction::Changed) => text.audit_policy_changed(),
        (AuditSubject::Policy, AuditAction::Deleted) => text.audit_policy_deleted(),
    }
}

/// A field with what it was before and afterwards: "Name: Bob → Robert". A side without words is a dash. What is created or deleted
/// has one side.
fn words(text: Text, action: AuditAction, change: &AuditChange) -> String {
    let field = field(text, &change.field);
    let value = |words: &[String]| {
        let words = words.iter().map(|word| value(text, &change.field, word));
        let words: Vec<_> = words.collect();
        match &*words {
            [] => "–".to_owned(),
            words => words.join(", "),
        }
    };
    let (before, after) = (value(&change.before), value(&change.after));
    let change = match action {
        AuditAction::Changed => text.audit_from_to(&after, &before),
        AuditAction::Deleted => before,
        AuditAction::Created
        | AuditAction::PasswordSet
        | AuditAction::LogInCodeMade
        | AuditAction::LoggedOut => after,
    };
    [&*field, ": ", &change].concat()
}

fn field(text: Text, name: &str) -> String {
    if let Some(resource) = name.strip_prefix("rights.") {
        let resource = wording::resource(text, resource);
        return [text.group_rights_title(), " – ", &resource].concat();
    }
    if let Some(Ok(setting)) = name.strip_prefix("policy.").map(str::parse) {
        return wording::policy_setting(text, setting).to_owned();
    }
    match name {
        "name" | "title" => text.home_name(),
        "login" => text.home_username(),
        "disabled" => text.users_disabled(),
        "groups" | "implied_by" => text.groups_title(),
        "companies" => text.companies_title(),
        "colour" => text.audit_colour(),
        "language" => text.profile_language(),
        "time_zone" => text.profile_time_zone(),
        "logo" => text.company_logo(),
        "archived" => text.company_is_archived(),
        "about" => text.audit_about(),
        "implies" => text.group_implied_title(),
        "users" => text.users_title(),
        "resource" => text.rule_resource(),
        "verbs" => text.group_rights_title(),
        "scope" => text.rule_scope(),
        "group" => text.group_page_title(),
        "sessions" => text.audit_devices(),
        "one_time" => text.audit_one_time(),
        other => return other.to_owned(),
    }
    .to_owned()
}

/// The name of a group: of a built-in group in the language of the page.
fn of_group(text: Text, name: &str) -> String {
    let title = GroupTitle {
        name: name.to_owned(),
        title: name.to_owned(),
    };
    wording::group_title(text, &title)
}

/// A word of a field.
fn value(text: Text, field: &str, word: &str) -> String {
    let policy = field.strip_prefix("policy.").map(str::parse);
    if let (Some(Ok(setting)), Ok(value)) = (policy, word.parse()) {
        return wording::policy_value(setting, value);
    }
    let verb = || word.parse().map(|verb: Verb| wording::verb(text, verb));
    match field {
        "disabled" | "archived" | "one_time" => text.audit_yes().to_owned(),
        "groups" | "implies" | "implied_by" | "group" => wording::isolated(&of_group(text, word)),
        // The end of the id tells one picture from another.
        "logo" => word.rsplit('-').next().unwrap_or(word).to_owned(),
        "resource" => wording::resource(text, word),
        "scope" => match word.parse() {
            Ok(scope) => wording::scope(text, scope).to_owned(),
            Err(_unknown) => word.to_owned(),
        },
        "verbs" => verb().map_or_else(|_unknown| word.to_owned(), str::to_owned),
        field if field.starts_with("rights.") => {
            verb().map_or_else(|_unknown| word.to_owned(), str::to_owned)
        }
        _ => wording::isolated(word),
    }
}
