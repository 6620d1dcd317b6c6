//! The latest events of the account.

use leptos::prelude::*;

use crate::{
    components::{
        activity_item::ActivityItem,
        icon::{Icon, Shape},
    },
    routes,
    text::text,
    wire::activity::ActivityEntry,
};

const HEADING: &str = "home-latest-heading";

/// The events, and the way to all. Script reads the part again when the person's sessions change.
#[component]
pub(super) fn Latest(entries: Vec<ActivityEntry>) -> impl IntoView {
    let text = text();
    let items = entries
        .into_iter()
        .map(|entry| view! { <li><ActivityItem entry/></li> })
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
