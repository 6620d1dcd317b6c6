//! What people see: pages, components, and the functions by which the browser asks the server.
//!
//! Start with [`routes`] for the pages there are, [`api`] for what the browser may ask, and
//! [`App`] for how they come together. Pages are rendered on the server and links load the next
//! one; with `hydrate` the browser takes over the islands in them: the forms that do better with
//! script. Every page also works without.

// A view is one type with all that is in it.
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
use text::{Language, Text};

/// The whole product, as the server renders it: what every page shares, and the page of the address.
///
/// The paths are those of [`routes`], which the router's macro wants as literals.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_context(Text::new(Language::default()));
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

/// The browser's start. The script of the document (`take_over.js`) starts each island next.
#[cfg(feature = "hydrate")]
pub fn start() {
    hydrate_islands();
    // A page that comes back from the browser's memory may be of a session that has ended.
    window_event_listener(ev::pageshow, |event| {
        if event.persisted() {
            browser::reload();
        }
    });
}
