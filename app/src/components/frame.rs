//! The frame around every page: skip link, top bar and watch for whoever is logged in, main landmark.

use leptos::prelude::*;

use super::{
    icon::{Icon, Shape},
    top_bar::TopBar,
};
use crate::{live::SessionWatch, page::Session, text::text};

/// Says that the page is as without script. `take_over.js` shows this element.
const SCRIPT_FAILED: &str = "script-failed";

/// The frame around every page. A person who still has to set a password gets no bar, because none of
/// the bar's links would lead anywhere.
#[component]
pub fn Frame(session: Session, children: Children) -> impl IntoView {
    let text = text();

    view! {
        <a class="skip-link" href="#main">{text.skip_to_content()}</a>
        <Suspense>
            {move || Suspend::new(async move {
                let session = session.await.ok().flatten()?;
                let bar = (!session.new_password_required)
                    .then(|| view! { <TopBar session=session.clone()/> });
                Some(view! {
                    {bar}
                    <SessionWatch session/>
                })
            })}
        </Suspense>
        <div class="notice notice--page" id=SCRIPT_FAILED aria-live="polite" hidden>
            <Icon shape=Shape::Info/>
            <p>{text.script_failed()}</p>
        </div>
        <main id="main" class="main" tabindex="-1">{children()}</main>
    }
}
