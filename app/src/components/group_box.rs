//! A group to choose.

use leptos::prelude::*;

use crate::{text::text, wire::user::GroupChoice, wording};

/// A group with its box, what the group is for, and what it implies.
#[component]
pub fn GroupBox(
    group: GroupChoice,
    /// The name of the field in the form.
    name: &'static str,
    checked: bool,
) -> impl IntoView {
    let text = text();
    let GroupChoice {
        id,
        title,
        about,
        implies,
        ..
    } = group;
    let id = id.to_string();
    let hint_id = ["about-", &id].concat();
    let about = wording::group_about(text, &title, &about);
    let implied = implies.iter();
    let implied = implied.map(|group| wording::isolated(&wording::group_title(text, group)));
    let implied: Vec<_> = implied.collect();
    let implied = (!implied.is_empty()).then(|| text.user_group_implies(&implied.join(", ")));
    let hint: Vec<_> = [Some(about), implied].into_iter().flatten().collect();
    let hint = hint.join(" ");
    let hint = (!hint.trim().is_empty()).then_some(hint);
    view! {
        <div>
            <label class="check">
                <input
                    class="check__box"
                    type="checkbox"
                    name=name
                    value=id
                    checked=checked
                    aria-describedby=hint.is_some().then(|| hint_id.clone())
                />
                <span><bdi>{wording::group_title(text, &title)}</bdi></span>
            </label>
            {hint.map(|hint| view! { <p class="check__hint" id=hint_id>{hint}</p> })}
        </div>
    }
}
