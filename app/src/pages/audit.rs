//! Settings, Audit log: who has changed what, for people with the right to read the audit log.

mod entry;

use latchkey_words::{AuditSubject, Verb};
use leptos::{either::Either, prelude::*};

use self::entry::Entry;
use super::Page;
use crate::{
    api::audit::list_audit,
    audience::Audience,
    components::{failure::Failure, icon::Shape, loading::Loading, page_heading::PageHeading},
    page, routes,
    text::{Text, text},
    wire::audit::AuditList,
};

/// Settings, Audit log.
pub const PAGE: Page = Page::new(
    routes::AUDIT,
    Audience::Right(Verb::Read, latchkey_words::Resource::AUDIT),
    Text::resource_audit,
    || Audit().into_any(),
)
.in_menu(Shape::List, Text::resource_audit);

/// The page. It has only links, because script would make nothing better here.
#[component]
fn Audit() -> impl IntoView {
    let text = text();
    // An unknown word filters nothing.
    let subject = page::query("subject").and_then(|word| word.parse().ok());
    let before = page::query("before");
    let is_first = before.is_none();
    let list = Resource::new(
        move || before.clone(),
        move |before| list_audit(subject, before),
    );
    view! {
        <div class="page">
            <PageHeading heading=text.resource_audit()/>
            <p class="lead">{text.audit_lead()}</p>
            <Filters subject/>
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(list) => Either::Left(view! { <List list subject is_first/> }),
                        Err(error) => Either::Right(view! { <Failure error/> }),
                    }
                })}
            </Suspense>
        </div>
    }
}

/// A link for each kind of subject.
#[component]
fn Filters(subject: Option<AuditSubject>) -> impl IntoView {
    let text = text();
    let label = |filter| match filter {
        None => text.activity_all(),
        Some(AuditSubject::User) => text.users_title(),
        Some(AuditSubject::Company) => text.companies_title(),
        Some(AuditSubject::Group) => text.groups_title(),
        Some(AuditSubject::Rule) => text.rules_title(),
        Some(AuditSubject::Policy) => text.policies_title(),
    };
    let filters = AuditSubject::ALL.iter().copied().map(Some);
    let links = std::iter::once(None).chain(filters).map(|filter| {
        let href = routes::audit(filter, None);
        let current = (filter == subject).then_some("true");
        view! {
            <li>
                <a class="chips__chip" href=href aria-current=current data-keeps-focus>
                    {label(filter)}
                </a>
            </li>
        }
    });
    view! {
        <nav aria-label=text.audit_filters()>
            <ul class="chips" role="list">{links.collect_view()}</ul>
        </nav>
    }
}

#[component]
fn List(list: AuditList, subject: Option<AuditSubject>, is_first: bool) -> impl IntoView {
    let text = text();
    let is_empty = list.entries.is_empty();
    let entries = list
        .entries
        .into_iter()
        .map(|entry| view! { <li><Entry entry/></li> })
        .collect_view();
    let newest = (!is_first).then(|| {
        let href = routes::audit(subject, None);
        view! { <li><a class="button" href=href>{text.activity_newest()}</a></li> }
    });
    let older = list.older.map(|cursor| {
        let href = routes::audit(subject, Some(&cursor));
        view! { <li><a class="button" href=href rel="next">{text.activity_older()}</a></li> }
    });
    let end = older.is_none().then(|| {
        if is_empty {
            text.audit_none()
        } else {
            text.activity_end()
        }
    });
    let has_pages = newest.is_some() || older.is_some();
    view! {
        {(!is_empty)
            .then(|| {
                view! { <ul class="users" role="list" aria-label=text.resource_audit()>{entries}</ul> }
            })}
        {end.map(|end| view! { <p class="activity-note">{end}</p> })}
        {has_pages
            .then(|| {
                view! {
                    <nav aria-label=text.activity_pages()>
                        <ul class="activity-pages" role="list">{newest} {older}</ul>
                    </nav>
                }
            })}
    }
    .into_any()
}
