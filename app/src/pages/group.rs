//! Settings, Groups, a group: the rights, what the group implies, the description, and the deletion.

mod deletion;
mod description;
mod implied;
mod rights;

use latchkey_words::Verb;
use leptos::{either::Either, prelude::*};

use self::{deletion::Deletion, description::Description, implied::Implied, rights::Rights};
use super::Page;
use crate::{
    api::group::show_group,
    audience::Audience,
    components::{
        failure::Failure, loading::Loading, page_heading::PageHeading, technical::TechnicalFact,
        users_of_group::UsersOfGroup,
    },
    page, routes,
    text::{Text, text},
    wire::{ApiError, group::GroupDetails},
    wording,
};

/// Settings, Groups, a group.
pub const PAGE: Page = Page::new(
    routes::GROUP,
    Audience::Right(Verb::Read, latchkey_words::Resource::GROUPS),
    Text::group_page_title,
    || OneGroup().into_any(),
);

/// The page. Its forms are posted without script, because script would make nothing better here.
#[component]
fn OneGroup() -> impl IntoView {
    let text = text();
    let id = page::query("id").unwrap_or_default();
    let group = Resource::new(move || id.clone(), show_group);
    view! {
        <div class="page">
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match group.await {
                        Ok(group) => Either::Left(view! { <Details group/> }),
                        Err(error) => Either::Right(view! { <NoGroup error/> }),
                    }
                })}
            </Suspense>
            <p><a href=routes::GROUPS>{text.group_back()}</a></p>
        </div>
    }
}

#[component]
fn NoGroup(error: ApiError) -> impl IntoView {
    view! {
        <PageHeading heading=text().group_page_title()/>
        <Failure error/>
    }
}

#[component]
fn Details(group: GroupDetails) -> impl IntoView {
    let text = text();
    let GroupDetails {
        group,
        rights,
        further,
        others,
        is_built_in,
        may,
    } = group;
    let id = group.id;
    let about = wording::group_about(text, &group.title, &group.about);
    let about = (!about.is_empty()).then(|| view! { <p class="lead"><bdi>{about}</bdi></p> });
    let name = group.title.name.clone();
    let description = (may.write && !is_built_in).then(|| {
        let title = group.title.title.clone();
        view! { <Description id title about=group.about.clone()/> }
    });
    view! {
        <PageHeading heading=wording::group_title(text, &group.title)/>
        {about}
        <ul class="device__facts device__facts--quiet" role="list">
            <li><bdi>{group.title.name}</bdi></li>
            <li><UsersOfGroup group=group.id users=group.users/></li>
            <TechnicalFact name=id.to_string()/>
        </ul>
        <Rights id rights further may_write=may.set_rights/>
        <Implied id others may_write=may.write/>
        {description}
        {may.delete.then(|| view! { <Deletion id name/> })}
    }
    .into_any()
}
