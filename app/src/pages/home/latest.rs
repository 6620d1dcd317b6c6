//! The latest events of the account.

use leptos::prelude::*;

use crate::{
    components::{
        activity_item::{ActivityItem, Among},
        icon::{Icon, Shape},
    },
    pages::activity::days::{Run, fold},
    routes,
    text::text,
    wire::activity::ActivityList,
};

/// The number of events on Home. Equal failures in a row are one.
const SHOWN: usize = 3;

const HEADING: &str = "home-latest-heading";

/// The events, and the way to all. Script reads the part again when the person's sessions change.
#[component]
pub(super) fn Latest(list: ActivityList) -> impl IntoView {
    let text = text();
    let items = fold(list)
        .into_iter()
        .take(SHOWN)
        .map(
            |Run {
                 entry,
                 count,
                 devices,
                 is_cut_off,
             }| view! { <li><ActivityItem entry among=Among::Days count devices is_cut_off/></li> },
        )
        .collect_view();
    view! {
        <section class="panel" id="home-latest" aria-labelledby=HEADING data-renewed="devices">
            <h2 class="panel__title" id=HEADING>{text.home_latest()}</h2>
            <ul class="rows" role="list">{items}</ul>
            <a class="onward" id="home-activity-link" href=routes::ACTIVITY>
                <span>{text.home_latest_link()}</span>
                <Icon shape=Shape::ChevronRight/>
            </a>
        </section>
    }
}
