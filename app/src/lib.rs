//! The user interface: pages, components, and the server functions.
//!
//! Start with [`PAGES`] for the list of pages, [`api`] for the server functions, and [`App`] for the whole.
//! The server renders pages. With `hydrate` the browser takes over the islands of a page: the forms that are better with
//! script. With `logged-in` a link brings the next page into the document (`live::navigation`). Every page also works without script.

// A view is one type that contains all its parts.
#![recursion_limit = "512"]

pub mod api;
pub mod audience;
mod browser;
mod components;
pub mod function;
pub mod live;
mod page;
mod pages;
pub mod posted;
#[cfg(feature = "ssr")]
pub mod registry;
#[cfg(feature = "ssr")]
pub mod request;
pub mod routes;
#[cfg(feature = "ssr")]
mod shell;
pub mod text;
pub mod wire;
mod wording;

#[cfg(feature = "hydrate")]
use leptos::ev;
use leptos::prelude::*;

use components::{
    frame::Frame,
    profile_frame::{ProfileFrame, Tab},
    top_bar::{MenuItem, provide_menu},
};
pub use page::debug::{STATEMENTS_ROWS, STATEMENTS_SUM};
pub use pages::{PAGES, Page, PageFrame, REDIRECTS, Redirect, not_found::PAGE as NOT_FOUND};
#[cfg(feature = "ssr")]
pub use shell::{ASSETS, Files, render};

/// A page in the frame of every page, as the server renders it.
#[component]
pub fn App(
    /// The page.
    page: Page,
    /// The links of the person's menu.
    menu: Vec<MenuItem>,
    /// The tabs of My Profile.
    tabs: Vec<Tab>,
    /// The paths of the pages in one frame, if the page is one of them.
    frame: Option<String>,
) -> impl IntoView {
    let session = page::provide_session();
    provide_menu(menu);
    let open = page.path;

    view! {
        <Frame session pages=frame>
            {match page.frame {
                PageFrame::Plain => (page.view)(),
                PageFrame::Profile => {
                    view! { <ProfileFrame tabs open>{(page.view)()}</ProfileFrame> }.into_any()
                }
            }}
        </Frame>
    }
}

#[cfg(feature = "logged-in")]
pub use live::navigation::in_page;

/// Starts the front end in the browser. The script of the document (`take_over.js`) then starts each island.
#[cfg(feature = "hydrate")]
pub fn start() {
    hydrate_islands();
    #[cfg(feature = "logged-in")]
    live::navigation::start();
    // The browser may show a page from its memory although the page's session has ended.
    window_event_listener(ev::pageshow, |event| {
        if event.persisted() {
            browser::reload();
        }
    });
}
