//! My Profile: its heading, its tabs, and the open one.

use leptos::prelude::*;

use super::page_heading::PageHeading;
use crate::{routes, text::text};

/// A tab of My Profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// The password.
    Security,
    /// The devices that are logged in.
    Devices,
    /// The events of the account.
    Activity,
}

/// The heading and the tabs above one tab's content.
#[component]
pub fn ProfileFrame(tab: Tab, children: Children) -> impl IntoView {
    let text = text();
    let tabs = [
        (Tab::Security, routes::SECURITY, text.profile_security()),
        (Tab::Devices, routes::DEVICES, text.profile_devices()),
        (Tab::Activity, routes::ACTIVITY, text.profile_activity()),
    ];
    let title = match tab {
        Tab::Security => text.profile_security(),
        Tab::Devices => text.profile_devices(),
        Tab::Activity => text.profile_activity(),
    };
    let links = tabs.map(|(of, href, label)| {
        view! {
            <li>
                <a class="tabs__tab" href=href aria-current=(of == tab).then_some("page")>
                    {label}
                </a>
            </li>
        }
    });

    view! {
        <div class="page">
            <PageHeading heading=text.profile_title() title/>
            <nav class="tabs" aria-label=text.profile_tabs()>
                <ul class="tabs__list" role="list">{links}</ul>
            </nav>
            {children()}
        </div>
    }
    .into_any()
}
