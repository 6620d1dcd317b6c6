//! Home: the account at a glance.

mod account;
mod attention;
mod latest;
mod logged_in;
mod tiles;

use leptos::prelude::*;

use super::Page;
use crate::{
    api::{home::home_overview, password::SetNewPassword},
    audience::Audience,
    components::{
        failure::Failure,
        icon::{Icon, Shape},
        loading::Loading,
        page_heading::PageHeading,
        top_bar::links_of_menu,
    },
    page, routes,
    text::{Text, text},
    wire::{ApiError, home::HomeOverview, session::CurrentSession},
    wording,
};
use account::Account;
use attention::AttentionList;
use latest::Latest;
use logged_in::LoggedIn;
use tiles::Tiles;

/// Home.
pub const PAGE: Page = Page::new(routes::HOME, Audience::Person, Text::home_title, || {
    Home().into_any()
});

/// What the person should look at, the devices, the latest events, and the account.
#[component]
fn Home() -> impl IntoView {
    let session = page::session();
    let overview = Resource::new(|| (), |()| home_overview());
    view! {
        <div class="page">
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match (session.await, overview.await) {
                        (Ok(Some(session)), Ok(overview)) => {
                            view! { <Welcome session overview/> }.into_any()
                        }
                        (Ok(None), _) => view! { <Failed error=ApiError::LoggedOut/> }.into_any(),
                        (Err(error), _) | (_, Err(error)) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
}

#[component]
fn Failed(error: ApiError) -> impl IntoView {
    view! {
        <PageHeading heading=text().home_title()/>
        <Failure error/>
    }
}

#[component]
fn Welcome(session: CurrentSession, overview: HomeOverview) -> impl IntoView {
    let HomeOverview {
        attention,
        devices,
        device_count,
        latest,
        numbers,
        password_changed_at,
    } = overview;
    let password_is_set = page::posted_done::<SetNewPassword>().is_some();
    view! {
        <PageHeading heading=text().home_greeting(&wording::isolated(&session.name))/>
        {password_is_set.then(|| view! { <PasswordSet/> })}
        <AttentionList attention/>
        <Tiles links=links_of_menu(&session) numbers/>
        <LoggedIn devices count=device_count/>
        <Latest list=latest/>
        <Account session password_changed_at/>
    }
    .into_any()
}

/// Says that the person has set the first own password. The focus is here when the page opens, so that screen readers
/// read it.
#[component]
fn PasswordSet() -> impl IntoView {
    view! {
        <p class="saved" role="status" tabindex="-1" autofocus>
            <Icon shape=Shape::Check/>
            <span>{text().home_password_set()}</span>
        </p>
    }
}
