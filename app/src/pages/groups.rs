//! Settings, Groups: the groups of the database, for people with the right to read groups.

use latchkey_words::Verb;
use leptos::{either::Either, prelude::*};

use super::{Page, add_group};
use crate::{
    api::group::{DeleteGroup, list_groups},
    audience::Audience,
    components::{
        done::Done, failure::Failure, icon::Shape, loading::Loading, page_heading::PageHeading,
        users_of_group::UsersOfGroup,
    },
    page, routes,
    text::{Text, text},
    wire::group::ListedGroup,
    wording,
};

/// Settings, Groups.
pub const PAGE: Page = Page::new(
    routes::GROUPS,
    Audience::Right(Verb::Read, latchkey_words::Resource::GROUPS),
    Text::groups_title,
    || Groups().into_any(),
)
.in_menu(Shape::Shield, Text::groups_title);

/// The page. It has only links, because script would make nothing better here.
#[component]
fn Groups() -> impl IntoView {
    let text = text();
    let groups = Resource::new(|| (), |()| list_groups());
    view! {
        <div class="page">
            <PageHeading heading=text.groups_title()/>
            <p class="lead">{text.groups_lead()}</p>
            {page::posted_done::<DeleteGroup>()
                .map(|_| view! { <Done words=text.group_deleted().to_owned()/> })}
            {page::is_open(add_group::AUDIENCE)
                .then(|| {
                    view! {
                        <p><a class="button" href=routes::ADD_GROUP>{text.add_group_title()}</a></p>
                    }
                })}
            <p><a href=routes::RULES>{text.rules_title()}</a></p>
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match groups.await {
                        Ok(groups) => Either::Left(view! { <List groups/> }),
                        Err(error) => Either::Right(view! { <Failure error/> }),
                    }
                })}
            </Suspense>
        </div>
    }
}

#[component]
fn List(groups: Vec<ListedGroup>) -> impl IntoView {
    let groups = groups
        .into_iter()
        .map(|group| view! { <li><OneGroup group/></li> })
        .collect_view();
    view! { <ul class="users" role="list" aria-label=text().groups_title()>{groups}</ul> }
}

/// A group with what it is for, the number of its users, and what it implies.
#[component]
fn OneGroup(group: ListedGroup) -> impl IntoView {
    let text = text();
    let about = wording::group_about(text, &group.title, &group.about);
    let about = (!about.is_empty()).then(|| view! { <p><bdi>{about}</bdi></p> });
    let implied = group.implies.iter();
    let implied = implied.map(|group| wording::isolated(&wording::group_title(text, group)));
    let implied: Vec<_> = implied.collect();
    let implied = (!implied.is_empty())
        .then(|| view! { <li>{text.user_group_implies(&implied.join(", "))}</li> });
    view! {
        <article class="user">
            <p class="user__name">
                <a href=routes::group(group.id)>
                    <bdi>{wording::group_title(text, &group.title)}</bdi>
                </a>
            </p>
            {about}
            <ul class="device__facts device__facts--quiet" role="list">
                <li><bdi>{group.title.name}</bdi></li>
                <li><UsersOfGroup group=group.id users=group.users/></li>
                {implied}
            </ul>
        </article>
    }
    .into_any()
}
