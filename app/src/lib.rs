//! The user interface: pages, components, and the server functions.
//!
//! Start with [`routes`] for the list of pages, [`api`] for the server functions, and [`App`] for the whole.
//! The server renders pages, and links load the next page. With `hydrate` the browser takes over the islands
//! of a page: the forms that are better with script. Every page also works without script.

// A view is one type that contains all its parts.
#![recursion_limit = "512"]

pub mod api;
mod browser;
mod components;
pub mod live;
mod page;
mod pages;
pub mod posted;
#[cfg(feature = "ssr")]
pub mod request;
pub mod routes;
#[cfg(feature = "ssr")]
mod shell;
pub mod text;
mod wording;

#[cfg(feature = "hydrate")]
use leptos::ev;
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Redirect, Route, Router},
    path,
};

use components::frame::Frame;
use pages::{
    activity::Activity, databases::Databases, devices::Devices, home::Home, log_in::LogIn,
    new_password::NewPassword, not_found::NotFound, security::Security,
};
#[cfg(feature = "ssr")]
pub use shell::{ASSETS, Files, shell};

/// The whole product, as the server renders it: the frame of every page, and the page of the request's path.
///
/// The paths equal those of [`routes`], but the router's macro needs literals.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let session = page::provide_session();

    view! {
        <Router>
            <Frame session=session>
                <FlatRoutes fallback=NotFound>
                    <Route path=path!("/") view=Home ssr=SsrMode::Async/>
                    <Route path=path!("/login") view=LogIn ssr=SsrMode::Async/>
                    <Route path=path!("/new-password") view=NewPassword ssr=SsrMode::Async/>
                    <Route path=path!("/databases") view=Databases ssr=SsrMode::Async/>
                    <Route
                        path=path!("/profile")
                        view=|| view! { <Redirect path=routes::SECURITY/> }
                        ssr=SsrMode::Async
                    />
                    <Route path=path!("/profile/security") view=Security ssr=SsrMode::Async/>
                    <Route path=path!("/profile/devices") view=Devices ssr=SsrMode::Async/>
                    <Route path=path!("/profile/activity") view=Activity ssr=SsrMode::Async/>
                </FlatRoutes>
            </Frame>
        </Router>
    }
}

/// Starts the front end in the browser. The script of the document (`take_over.js`) then starts each island.
#[cfg(feature = "hydrate")]
pub fn start() {
    hydrate_islands();
    // The browser may show a page from its memory although the page's session has ended.
    window_event_listener(ev::pageshow, |event| {
        if event.persisted() {
            browser::reload();
        }
    });
}
