//! The frame around every page: skip link, top bar, watch on the session, main landmark.

use leptos::prelude::*;

use super::{
    icon::{Icon, Shape},
    session_watch::SessionWatch,
    top_bar::{MenuItem, TopBar},
};
use crate::{page::Session, text::text};

/// The id of the element that says that script has failed. `take_over.js` shows it.
const SCRIPT_FAILED: &str = "script-failed";

/// The frame around every page. A person who must still set a password gets no bar, because the bar's links
/// would all lead back.
#[component]
pub fn Frame(
    session: Session,
    menu: Vec<MenuItem>,
    /// The paths of the pages in one frame, if the page is one of them.
    pages: Option<String>,
    children: Children,
) -> impl IntoView {
    let text = text();

    view! {
        <a class="skip-link" href="#main">{text.skip_to_content()}</a>
        <Suspense>
            {move || {
                let menu = menu.clone();
                Suspend::new(async move {
                    let session = session.await.ok().flatten()?;
                    let bar = (!session.new_password_required)
                        .then(|| view! { <TopBar session=session.clone() menu/> });
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
        <main id="main" class="main" tabindex="-1" data-frame=pages>{children()}</main>
    }
}
