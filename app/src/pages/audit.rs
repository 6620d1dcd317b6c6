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
    wording,
};

const SEARCH: &str = "search";

/// Settings, Audit log.
pub const PAGE: Page = Page::new(
    routes::AUDIT,
    Audience::Right(Verb::Read, latchkey_words::Resource::AUDIT),
    Text::resource_audit,
    || Audit().into_any(),
)
.in_menu(Shape::List, Text::resource_audit);

/// The page. It has only links and a form that asks, because script would make nothing better here.
#[component]
fn Audit() -> impl IntoView {
    let text = text();
    // An unknown word filters nothing.
    let subject = page::query("subject").and_then(|word| word.parse().ok());
    let search = page::query("search").unwrap_or_default();
    let before = page::query("before");
    let is_first = before.is_none();
    let asked = search.clone();
    let list = Resource::new(
        move || (asked.clone(), before.clone()),
        move |(search, before)| list_audit(subject, Some(search), before),
    );
    let (filters, shown) = (search.clone(), search.clone());
    view! {
        <div class="page">
            <PageHeading heading=text.resource_audit()/>
            <p class="lead">{text.audit_lead()}</p>
            <Search subject search=search.clone()/>
            <Filters subject search=filters/>
            <Suspense fallback=Loading>
                {move || {
                    let search = shown.clone();
                    Suspend::new(async move {
                        match list.await {
                            Ok(list) => {
                                Either::Left(view! { <List list subject search is_first/> })
                            }
                            Err(error) => Either::Right(view! { <Failure error/> }),
                        }
                    })
                }}
            </Suspense>
            <Files subject search/>
        </div>
    }
}

/// The search, which keeps the kind of subject.
#[component]
fn Search(subject: Option<AuditSubject>, search: String) -> impl IntoView {
    let text = text();
    let subject = subject.map(|subject| {
        view! { <input type="hidden" name="subject" value=subject.as_str()/> }
    });
    view! {
        <search>
            <form class="user-search" method="get" action=routes::AUDIT>
                {subject}
                <label class="field__label" for=SEARCH>{text.audit_search()}</label>
                <div class="user-search__row">
                    <input
                        class="field__input"
                        id=SEARCH
                        name="search"
                        type="search"
                        dir="auto"
                        autocomplete="off"
                        value=search
                    />
                    <button class="button" type="submit">{text.users_search_submit()}</button>
                </div>
            </form>
        </search>
    }
}

/// The same entries as files.
#[component]
fn Files(subject: Option<AuditSubject>, search: String) -> impl IntoView {
    let text = text();
    let file = |path| routes::audit(path, subject, &search, None);
    view! {
        <p class="activity-files">
            // `external`: this is no page, and the browser saves the answer.
            <a class="button" href=file(routes::AUDIT_CSV) rel="external" download>
                {text.activity_export_csv()}
            </a>
            <a class="button" href=file(routes::AUDIT_JSON) rel="external" download>
                {text.activity_export_json()}
            </a>
        </p>
        <p class="activity-note">{text.audit_export_note(&wording::most_exported(text))}</p>
    }
}

/// A link for each kind of subject.
#[component]
fn Filters(subject: Option<AuditSubject>, search: String) -> impl IntoView {
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
        let href = routes::audit(routes::AUDIT, filter, &search, None);
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
fn List(
    list: AuditList,
    subject: Option<AuditSubject>,
    search: String,
    is_first: bool,
) -> impl IntoView {
    let text = text();
    let is_empty = list.entries.is_empty();
    let entries = list
        .entries
        .into_iter()
        .map(|entry| view! { <li><Entry entry/></li> })
        .collect_view();
    let newest = (!is_first).then(|| {
        let href = routes::audit(routes::AUDIT, subject, &search, None);
        view! { <li><a class="button" href=href>{text.activity_newest()}</a></li> }
    });
    let older = list.older.map(|cursor| {
        let href = routes::audit(routes::AUDIT, subject, &search, Some(&cursor));
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
