//! A moment that people and programs can read.

use leptos::prelude::*;

use crate::api::Moment;

/// Words about a moment. Where they do not tell it exactly, the tooltip does.
#[component]
pub fn Time(
    moment: Moment,
    /// "Signed in 23 Nov 2026, 14:02", or "Active 5 minutes ago".
    #[prop(into)]
    words: String,
) -> impl IntoView {
    let title = (!words.contains(&moment.text)).then_some(moment.text);
    view! { <time datetime=moment.machine title=title>{words}</time> }
}
