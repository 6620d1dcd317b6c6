//! Settings, Users, a user: the groups, the log-in, and the deletion.

mod companies;
mod deletion;
mod groups;
mod log_in;
mod names;

use latchkey_words::Verb;
use leptos::{either::Either, prelude::*};

use self::{companies::Companies, deletion::Deletion, groups::Groups, log_in::LogIn, names::Names};
use super::Page;
use crate::{
    api::user::{ActOnUser, DeleteUser, RenameUser, SetUserCompanies, SetUserGroups, show_user},
    audience::Audience,
    components::{
        error_alert::ErrorAlert, failure::Failure, loading::Loading, page_heading::PageHeading,
        technical::TechnicalFact, time::Time,
    },
    page, routes,
    text::{Text, text},
    wire::{ApiError, user::UserDetails},
    wording,
};

/// Settings, Users, a user.
pub const PAGE: Page = Page::new(
    routes::USER,
    Audience::Right(Verb::Read, latchkey_words::Resource::USERS),
    Text::user_title,
    || OneUser().into_any(),
);

/// The page. Its forms are posted without script, because script would make nothing better here.
#[component]
fn OneUser() -> impl IntoView {
    let text = text();
    let id = page::query("id").unwrap_or_default();
    let user = Resource::new(move || id.clone(), show_user);
    view! {
        <div class="page">
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match user.await {
                        Ok(user) => Either::Left(view! { <Details user/> }),
                        Err(error) => Either::Right(view! { <NoUser error/> }),
                    }
                })}
            </Suspense>
            <p><a href=routes::USERS>{text.add_user_back()}</a></p>
        </div>
    }
}

#[component]
fn NoUser(error: ApiError) -> impl IntoView {
    view! {
        <PageHeading heading=text().user_title()/>
        <Failure error/>
    }
}

#[component]
fn Details(user: UserDetails) -> impl IntoView {
    let text = text();
    let UserDetails {
        user,
        may_write,
        may_delete,
        groups,
        companies,
    } = user;
    let id = user.id;
    let disabled = user.is_disabled.then(
        || view! { <li><span class="badge badge--notice">{text.users_disabled()}</span></li> },
    );
    let created = text.users_created(&user.created_at.phrase);
    let notice = match (user.is_own, may_write || may_delete) {
        (true, _) => Some(
            view! {
                <p>
                    {text.user_own()} " " <a href=routes::PROFILE>{text.menu_profile()}</a>
                </p>
            }
            .into_any(),
        ),
        // The person may have lost the right between the page and the form.
        (false, false) => {
            let refused = refused();
            Some(view! { {refused} <p>{text.user_closed()}</p> }.into_any())
        }
        (false, true) => None,
    };
    let given = user.groups.iter();
    let given = given
        .map(|group| wording::group_title(text, group))
        .collect();
    let (name, login) = (user.name.clone(), user.login.clone());
    view! {
        <PageHeading heading=user.name is_name=true/>
        <ul class="device__facts device__facts--quiet" role="list">
            {disabled}
            <li><bdi>{user.login}</bdi></li>
            <li><Time moment=user.created_at words=created/></li>
            <TechnicalFact name=id.to_string()/>
        </ul>
        {notice}
        <Groups id groups given may_write/>
        {(!companies.is_empty()).then(|| view! { <Companies id companies may_write/> })}
        {(may_write && !user.is_own)
            .then(|| {
                view! {
                    <Names id name login=login.clone()/>
                    <LogIn id is_disabled=user.is_disabled/>
                }
            })}
        {(may_delete && !user.is_own).then(|| view! { <Deletion id login=wording::isolated(&login)/> })}
    }
    .into_any()
}

/// What a form has refused that this page does not show any more.
fn refused() -> Option<impl IntoView> {
    let error = page::posted_error::<SetUserGroups>()
        .or_else(page::posted_error::<SetUserCompanies>)
        .or_else(page::posted_error::<RenameUser>)
        .or_else(page::posted_error::<ActOnUser>)
        .or_else(page::posted_error::<DeleteUser>)?;
    Some(view! { <ErrorAlert id="user-error" error=Signal::stored(Some(error))/> })
}
