//! My Profile: its heading, its tabs, and the open one.

use leptos::prelude::*;

use super::page_heading::PageHeading;
use crate::text::{Text, text};

/// A tab of My Profile.
#[derive(Clone, Copy, Debug)]
pub struct Tab {
    /// The page that the tab leads to.
    pub href: &'static str,
    /// The label.
    pub label: fn(Text) -> &'static str,
}

/// The heading and the tabs above the content of the tab that leads to `open`.
#[component]
pub fn ProfileFrame(tabs: Vec<Tab>, open: &'static str, children: Children) -> impl IntoView {
    let text = text();
    let links = tabs
        .into_iter()
        .map(|tab| {
            view! {
                <li>
                    <a class="tabs__tab" href=tab.href aria-current=(tab.href == open).then_some("page")>
                        {(tab.label)(text)}
                    </a>
                </li>
            }
        })
        .collect_view();

    view! {
        <div class="page">
            <PageHeading heading=text.profile_title()/>
            <nav class="tabs" aria-label=text.profile_tabs()>
                <ul class="tabs__list" role="list">{links}</ul>
            </nav>
            {children()}
        </div>
    }
    .into_any()
}
