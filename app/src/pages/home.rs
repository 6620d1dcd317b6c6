//! Home: the user and the session.

use leptos::prelude::*;

use super::Page;
use crate::{
    api::session::device_count,
    audience::Audience,
    components::{
        failure::Failure,
        icon::{Icon, Shape},
        loading::Loading,
        page_heading::PageHeading,
        time::Time,
    },
    page, routes,
    text::{Text, text},
    wire::{ApiError, session::CurrentSession},
    wording,
};

/// Home.
pub const PAGE: Page = Page::new(routes::HOME, Audience::Person, Text::home_title, || {
    Home().into_any()
});

/// The user, the database, the time of the log-in, and the number of devices.
#[component]
fn Home() -> impl IntoView {
    let session = page::session();
    let devices = Resource::new(|| (), |()| device_count());
    view! {
        <div class="page">
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match (session.await, devices.await) {
                        (Ok(Some(session)), Ok(devices)) => {
                            view! { <Welcome session devices/> }.into_any()
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
fn Welcome(session: CurrentSession, devices: u32) -> impl IntoView {
    let text = text();
    let since = session.logged_in_at.text.clone();
    view! {
        <PageHeading heading=text.home_greeting(&wording::isolated(&session.name))/>
        <div class="panels">
            <section class="panel" aria-labelledby="home-account">
                <h2 class="panel__title" id="home-account">{text.home_account()}</h2>
                <dl class="facts">
                    <div class="facts__row">
                        <dt>{text.home_username()}</dt>
                        <dd><bdi>{session.login}</bdi></dd>
                    </div>
                    <div class="facts__row">
                        <dt>{text.home_database()}</dt>
                        <dd><bdi>{session.database}</bdi></dd>
                    </div>
                    <div class="facts__row">
                        <dt>{text.home_logged_in()}</dt>
                        <dd><Time moment=session.logged_in_at words=since/></dd>
                    </div>
                </dl>
            </section>
            <section class="panel" aria-labelledby="home-devices">
                <h2 class="panel__title" id="home-devices">{text.home_devices()}</h2>
                <p>{text.home_devices_count(devices)}</p>
                <p>
                    <a class="onward" href=routes::DEVICES>
                        <span>{text.home_devices_link()}</span>
                        <Icon shape=Shape::ChevronRight/>
                    </a>
                </p>
            </section>
        </div>
    }
    .into_any()
}
