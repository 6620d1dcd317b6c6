//! The frame around every page: skip link, top bar, watch on the session, main landmark.

use leptos::prelude::*;

use super::{
    company_notice::CompanyNotice,
    debug_panel::DebugPanel,
    icon::{Icon, Shape},
    new_log_ins::{NEWS, NewLogIns},
    session_watch::SessionWatch,
    top_bar::TopBar,
};
use crate::{
    page::{self, Session},
    routes,
    text::{self, text},
    wording,
};

/// The id of the element that says that script has failed. `take_over.js` shows it.
const SCRIPT_FAILED: &str = "script-failed";

/// The id of the element that says that the tab has come to another person or database. `owner.js` shows the element.
const OTHER_OWNER: &str = "other-owner";

/// The frame around every page. A person who must still set a password gets no bar, because the bar's links
/// would all lead back.
#[component]
pub fn Frame(
    session: Session,
    /// The paths of the pages in one frame, if the page is one of them.
    pages: Option<String>,
    children: Children,
) -> impl IntoView {
    let text = text();
    // Home and Devices tell of new devices in their own place.
    let told_by_page = [routes::HOME, routes::DEVICES].contains(&&*page::path());
    let owner_error = page::owner_error().map(|error| {
        let sentence = wording::error(text::error(), &error);
        view! {
            <div class="alert notice notice--page" role="alert" tabindex="-1" autofocus>
                <Icon shape=Shape::Alert/>
                <p>{sentence}</p>
            </div>
        }
    });
    // Only script knows what the tab has shown before.
    let other_owner = pages.is_some().then(|| {
        view! {
            <div class="notice notice--page" id=OTHER_OWNER role="status" hidden>
                <Icon shape=Shape::Info/>
                <p>{text.other_owner()}</p>
            </div>
        }
    });
    let news = (pages.is_some() && !told_by_page).then(|| view! { <News/> });

    view! {
        <a class="skip-link" href="#main">{text.skip_to_content()}</a>
        <Suspense>
            {move || {
                Suspend::new(async move {
                    let session = session.await.ok().flatten()?;
                    let bar = if session.new_password_required {
                        None
                    } else {
                        let companies = page::companies().await;
                        let logo = page::logo();
                        Some(view! { <TopBar session=session.clone() companies logo/> })
                    };
                    Some(view! {
                        {bar}
                        <SessionWatch session/>
                    })
                })
            }}
        </Suspense>
        <div class="notice notice--page" id=SCRIPT_FAILED aria-live="polite" hidden>
            <Icon shape=Shape::Info/>
            <p>{text.script_failed()}</p>
        </div>
        <main id="main" class="main" tabindex="-1" data-frame=pages>
            {owner_error}
            {other_owner}
            <CompanyNotice/>
            {news}
            {children()}
            <DebugPanel/>
        </main>
    }
}

/// Log-ins on new devices. Script reads the part again when the person's sessions change (`renew.js`).
#[component]
fn News() -> impl IntoView {
    let devices = Resource::new(|| (), |()| page::new_log_ins());
    view! {
        <div class="news" id=NEWS role="status" data-renewed="devices">
            <Suspense>
                {move || Suspend::new(async move {
                    let devices = devices.await;
                    view! { <NewLogIns devices/> }
                })}
            </Suspense>
        </div>
    }
}
