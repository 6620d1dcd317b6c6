//! The log-out form. It is a plain post, because the whole document has to go.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::text;

/// The button "Log out". Its look depends on its place.
#[component]
pub fn LogOutForm(
    /// The class of the button.
    class: &'static str,
    /// The element id of a note about what ends.
    #[prop(optional_no_strip)]
    note: Option<&'static str>,
) -> impl IntoView {
    view! {
        <form method="post" action="/api/log_out">
            <button class=class type="submit" aria-describedby=note>
                <Icon shape=Shape::LogOut/>
                <span>{text::session().log_out()}</span>
            </button>
        </form>
    }
}
