//! A moment in a form for people and programs.

use leptos::prelude::*;

use crate::wire::Moment;

/// Words about a moment. If the words do not tell it exactly, the tooltip does.
#[component]
pub fn Time(
    moment: Moment,
    /// "Logged in 23 Nov 2026, 14:02", or "Active 5 minutes ago".
    #[prop(into)]
    words: String,
) -> impl IntoView {
    let is_alone = words == moment.text;
    let title = (!words.contains(&moment.text)).then_some(moment.text);
    // A date that stands alone keeps the direction of its own words.
    let direction = is_alone.then_some("auto");
    view! { <time class:moment=is_alone dir=direction datetime=moment.machine title=title>{words}</time> }
}
