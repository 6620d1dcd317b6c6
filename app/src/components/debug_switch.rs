//! The mark of debug mode in the top bar, and the button that turns debug mode on and off.

use leptos::prelude::*;
use server_fn::ServerFn;

use super::{
    debug_panel::PANEL,
    icon::{Icon, Shape},
};
use crate::{
    api::debug::SetDebugMode,
    page::{self, debug},
    text::text,
    wire::debug::DebugMode,
};

/// The mark, which leads to the panel of debug mode. The part is empty without debug mode. Script reads the part again when another
/// tab has changed the mode (`renew.js`).
#[component]
pub fn DebugMark() -> impl IntoView {
    let mark = debug::mode().is_on().then(|| {
        let panel = ["#", PANEL].concat();
        view! {
            <a class="top-bar__debug-link" id="debug-mark-link" href=panel>
                <span class="badge badge--notice">{text().debug_mark()}</span>
            </a>
        }
    });
    view! {
        <div class="top-bar__debug" id="debug-mark" data-renewed="devices">
            {mark}
        </div>
    }
}

/// The entry of the person's menu, for people who may use debug mode.
#[component]
pub fn DebugSwitch() -> impl IntoView {
    debug::is_permitted().then(|| {
        let text = text();
        let (mode, label) = if debug::mode().is_on() {
            (DebugMode::Off, text.debug_off())
        } else {
            (DebugMode::On, text.debug_on())
        };
        view! {
            <li id="debug-switch" data-renewed="devices">
                <form method="post" action=page::form_address(SetDebugMode::PATH)>
                    <input type="hidden" name="mode" value=mode.as_str()/>
                    <button class="menu__item" id="debug-switch-button" type="submit">
                        <Icon shape=Shape::Terminal/>
                        <span>{label}</span>
                    </button>
                </form>
            </li>
        }
    })
}
