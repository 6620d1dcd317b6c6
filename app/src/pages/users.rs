//! Settings, Users: the users of the database, for people with the right to read users.

use latchkey_words::Verb;
use leptos::{either::Either, prelude::*};

use super::{Page, add_user};
use crate::{
    api::user::{DeleteUser, list_users},
    audience::Audience,
    components::{
        done::Done, failure::Failure, icon::Shape, loading::Loading, page_heading::PageHeading,
        time::Time,
    },
    page, routes,
    text::{Text, text},
    wire::user::{ListedUser, UserList},
    wording,
};

/// The element id of the search field.
const SEARCH: &str = "user-search";

/// Settings, Users.
pub const PAGE: Page = Page::new(
    routes::USERS,
    Audience::Right(Verb::Read, latchkey_words::Resource::USERS),
    Text::users_title,
    || Users().into_any(),
)
.in_menu(Shape::Users, Text::users_title);

/// The page. It has only links and a form that asks, because script would make nothing better here.
#[component]
fn Users() -> impl IntoView {
    let text = text();
    let search = page::query("search").unwrap_or_default();
    let group = page::query("group");
    let after = page::query("after");
    let is_first = after.is_none();
    let asked = (search.clone(), group.clone());
    let list = Resource::new(
        move || (asked.clone(), after.clone()),
        |((search, group), after)| list_users(Some(search), group, after),
    );
    let of_group = group.clone().map(|group| {
        view! { <input type="hidden" name="group" value=group/> }
    });
    let searched = search.clone();
    view! {
        <div class="page">
            <PageHeading heading=text.users_title()/>
            <p class="lead">{text.users_lead()}</p>
            {page::posted_done::<DeleteUser>()
                .map(|_| view! { <Done words=text.user_deleted().to_owned()/> })}
            {page::is_open(add_user::AUDIENCE)
                .then(|| {
                    view! {
                        <p><a class="button" href=routes::ADD_USER>{text.add_user_title()}</a></p>
                    }
                })}
            <search>
                <form class="user-search" method="get" action=routes::USERS>
                    {of_group}
                    <label class="field__label" for=SEARCH>{text.users_search()}</label>
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
            <Suspense fallback=Loading>
                {move || {
                    let (search, group) = (searched.clone(), group.clone());
                    Suspend::new(async move {
                        match list.await {
                            Ok(list) => Either::Left(view! { <List list search group is_first/> }),
                            Err(error) => Either::Right(view! { <Failure error/> }),
                        }
                    })
                }}
            </Suspense>
        </div>
    }
}

#[component]
fn List(
    list: UserList,
    search: String,
    /// The id of the group whose users these are.
    group: Option<String>,
    is_first: bool,
) -> impl IntoView {
    let text = text();
    let group = group.as_deref();
    let of_group = list.group.as_ref().map(|title| {
        let title = wording::isolated(&wording::group_title(text, title));
        view! {
            <p>
                {text.users_of_group(&title)} " " <a href=routes::USERS>{text.users_all()}</a>
            </p>
        }
    });
    let none = list.users.is_empty().then(|| {
        let words = match search.trim() {
            "" if is_first && list.group.is_some() => text.users_none_in_group().to_owned(),
            "" if is_first => text.users_none().to_owned(),
            "" => text.users_no_more().to_owned(),
            search => text.users_none_found(&wording::isolated(search)),
        };
        view! { <p>{words}</p> }
    });
    let has_users = !list.users.is_empty();
    let users = list
        .users
        .into_iter()
        .map(|user| view! { <li><OneUser user/></li> })
        .collect_view();
    let first = (!is_first).then(|| {
        let href = routes::users(&search, group, None);
        view! { <li><a class="button" href=href>{text.users_first()}</a></li> }
    });
    let next = list.next.map(|cursor| {
        let href = routes::users(&search, group, Some(&cursor));
        view! { <li><a class="button" href=href rel="next">{text.users_next()}</a></li> }
    });
    let has_pages = first.is_some() || next.is_some();
    view! {
        {of_group}
        {none}
        {has_users
            .then(|| {
                view! { <ul class="users" role="list" aria-label=text.users_title()>{users}</ul> }
            })}
        {has_pages
            .then(|| {
                view! {
                    <nav aria-label=text.users_pages()>
                        <ul class="activity-pages" role="list">{first} {next}</ul>
                    </nav>
                }
            })}
    }
    .into_any()
}

/// A user with what an administrator looks for: the groups, the companies, and whether the user can log in.
#[component]
fn OneUser(user: ListedUser) -> impl IntoView {
    let text = text();
    let own = user
        .is_own
        .then(|| view! { <span class="badge">{text.users_own()}</span> });
    let disabled = user
        .is_disabled
        .then(|| view! { <span class="badge badge--notice">{text.users_disabled()}</span> });
    let facts = |names: Vec<String>| {
        let names = names
            .into_iter()
            .map(|name| view! { <li><bdi>{name}</bdi></li> });
        names.collect_view()
    };
    let groups: Vec<_> = user
        .groups
        .iter()
        .map(|group| wording::group_title(text, group))
        .collect();
    let created = text.users_created(&user.created_at.phrase);
    let no_group = groups
        .is_empty()
        .then(|| view! { <li>{text.users_no_group()}</li> });
    let companies = (!user.companies.is_empty()).then(|| {
        view! {
            <ul class="device__facts device__facts--quiet" role="list" aria-label=text.companies_title()>
                {facts(user.companies)}
            </ul>
        }
    });
    view! {
        <article class="user">
            <p class="user__name">
                <a href=routes::user(user.id)><bdi>{user.name}</bdi></a> {own} {disabled}
            </p>
            <ul class="device__facts device__facts--quiet" role="list">
                <li><bdi>{user.login}</bdi></li>
                <li><Time moment=user.created_at words=created/></li>
            </ul>
            <ul class="device__facts device__facts--quiet" role="list" aria-label=text.users_groups()>
                {facts(groups)} {no_group}
            </ul>
            {companies}
        </article>
    }
    .into_any()
}
