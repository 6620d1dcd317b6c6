//! What people see: pages, components, and the functions by which the browser asks the server.
//!
//! Start with [`routes`] for the pages there are, [`api`] for what the browser may ask, and
//! [`App`] for how they come together. With `ssr` it renders pages on the server; with `hydrate`
//! it takes them over in the browser. Every page also works without script.

// A view is one type with all that is in it.
#![recursion_limit = "512"]

pub mod api;
mod browser;
mod components;
mod page;
mod pages;
#[cfg(feature = "ssr")]
pub mod request;
pub mod routes;
#[cfg(feature = "ssr")]
mod shell;
pub mod text;
mod wording;

use leptos::{ev, leptos_dom::helpers::window_event_listener, prelude::*};
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Redirect, Route, Router},
    path,
};

use components::frame::Frame;
use pages::{
    databases::Databases, devices::Devices, home::Home, log_in::LogIn, new_password::NewPassword,
    not_found::NotFound, security::Security,
};
#[cfg(feature = "ssr")]
pub use shell::shell;
use text::{Language, Text};

/// The whole product: what every page shares, and the page of the address.
///
/// The paths are those of [`routes`], which the router's macro wants as literals.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_context(Text::new(Language::default()));
    let hydrated = page::provide_hydrated();
    let session = page::provide_session();
    Effect::new(move |_| {
        browser::mark_hydrated();
        hydrated.set(true);
    });
    Effect::new(|_| {
        // A page that comes back from the browser's memory may be of a session that has ended.
        let listener = window_event_listener(ev::pageshow, |event| {
            if event.persisted() {
                browser::reload();
            }
        });
        on_cleanup(move || listener.remove());
    });

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
                </FlatRoutes>
            </Frame>
        </Router>
    }
}
