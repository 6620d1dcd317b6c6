//! The number of users in a group.

use latchkey_words::{GroupId, Resource, Verb};
use leptos::{either::Either, prelude::*};

use crate::{audience::Audience, page, routes, text::text};

/// The number, which leads to the list of these users if the person may read users.
#[component]
pub fn UsersOfGroup(group: GroupId, users: u32) -> impl IntoView {
    let words = text().group_users(users);
    if page::is_open(Audience::Right(Verb::Read, Resource::USERS)) {
        let href = routes::users("", Some(&group.to_string()), None);
        Either::Left(view! { <a href=href>{words}</a> })
    } else {
        Either::Right(words)
    }
}
