//! My Profile, Activity: the events of the account.

pub(in crate::pages) mod days;

use leptos::{either::Either, prelude::*};

use super::Page;
use crate::{
    api::activity::list_activity,
    audience::Audience,
    components::{
        activity_item::{ActivityItem, Among},
        failure::Failure,
        loading::Loading,
    },
    page, routes,
    text::{Text, text},
    wire::activity::{ActivityFilter, ActivityList},
    wording,
};

use days::{Day, Run, by_day};

/// My Profile, Activity.
pub const PAGE: Page = Page::new(
    routes::ACTIVITY,
    Audience::Person,
    Text::profile_activity,
    || Activity().into_any(),
)
.in_profile();

/// The tab "Activity". It has only links, because script would make nothing better here.
#[component]
fn Activity() -> impl IntoView {
    let text = text();
    let from = page::query("from");
    let is_first = from.is_none();
    let show = page::query("show").map(|word| ActivityFilter::from_word(&word));
    let show = show.unwrap_or_default();
    let file = move |path| routes::activity_file(path, show.as_str());
    let list = Resource::new(
        move || from.clone(),
        move |from| list_activity(Some(show), from),
    );
    view! {
        <section class="section" aria-label=text.profile_activity()>
            <p class="lead">{text.activity_lead()}</p>
            <Filters show/>
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(list) => Either::Left(view! { <Entries list show is_first/> }),
                        Err(error) => Either::Right(view! { <Failure error/> }),
                    }
                })}
            </Suspense>
            <p class="activity-files">
                // `external`: this is no page, and the browser saves the answer.
                <a class="button" href=file(routes::ACTIVITY_CSV) rel="external" download>
                    {text.activity_export_csv()}
                </a>
                <a class="button" href=file(routes::ACTIVITY_JSON) rel="external" download>
                    {text.activity_export_json()}
                </a>
            </p>
            <p class="activity-note">{text.activity_export_note(&wording::most_exported(text))}</p>
        </section>
    }
}

/// A link for each filter.
#[component]
fn Filters(show: ActivityFilter) -> impl IntoView {
    let text = text();
    let label = |filter| match filter {
        ActivityFilter::All => text.activity_all(),
        ActivityFilter::LogIns => text.activity_log_ins(),
        ActivityFilter::Failed => text.activity_failed(),
        ActivityFilter::Ended => text.activity_ended(),
        ActivityFilter::Changes => text.activity_changes(),
    };
    let links = ActivityFilter::ALL.map(|filter| {
        let href = routes::activity(filter.as_str(), None);
        let current = (filter == show).then_some("true");
        view! {
            <li>
                <a class="chips__chip" href=href aria-current=current data-keeps-focus>
                    {label(filter)}
                </a>
            </li>
        }
    });
    view! {
        <nav aria-label=text.activity_filters()>
            <ul class="chips" role="list">{links.collect_view()}</ul>
        </nav>
    }
}

#[component]
fn Entries(list: ActivityList, show: ActivityFilter, is_first: bool) -> impl IntoView {
    let text = text();
    let days_are_empty = list.entries.is_empty();
    let older = list.older.clone();
    let days = by_day(list)
        .into_iter()
        .enumerate()
        .map(|(number, day)| view! { <OneDay number day/> })
        .collect_view();
    let newest = (!is_first).then(|| {
        let href = routes::activity(show.as_str(), None);
        view! { <li><a class="button" href=href>{text.activity_newest()}</a></li> }
    });
    let older = older.map(|cursor| {
        let href = routes::activity(show.as_str(), Some(&cursor));
        view! { <li><a class="button" href=href rel="next">{text.activity_older()}</a></li> }
    });
    let end = older.is_none().then(|| {
        if days_are_empty {
            text.activity_none()
        } else {
            text.activity_end()
        }
    });
    view! {
        // In another time zone an event may be on another day, so the script renews the days as a whole.
        <div class="activity-days" id="activity-days" data-renewed="zone">{days}</div>
        {end.map(|end| view! { <p class="activity-note">{end}</p> })}
        {(newest.is_some() || older.is_some())
            .then(|| {
                view! {
                    <nav aria-label=text.activity_pages()>
                        <ul class="activity-pages" role="list">{newest} {older}</ul>
                    </nav>
                }
            })}
    }
}

#[component]
fn OneDay(number: usize, day: Day) -> impl IntoView {
    let heading = format!("activity-day-{number}");
    let items = day
        .runs
        .into_iter()
        .map(
            |Run {
                 entry,
                 count,
                 devices,
                 is_cut_off,
             }| view! { <li><ActivityItem entry among=Among::Day count devices is_cut_off/></li> },
        )
        .collect_view();
    view! {
        <section class="activity-day" aria-labelledby=heading.clone()>
            <h2 class="activity-day__name" id=heading.clone()>{day.name}</h2>
            <ul class="activities" role="list" aria-labelledby=heading.clone()>{items}</ul>
        </section>
    }
    .into_any()
}
