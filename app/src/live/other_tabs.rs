//! The browser's other tabs: messages to them, and the choice of the leading tab.

use std::rc::Rc;

use js_sys::{Function, Promise};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

use super::{script, stored_tabs::StoredTabs};

/// The browser's means for this.
pub(super) enum OtherTabs {
    /// Web Locks. Browsers have them only over HTTPS and on this machine.
    Locks {
        /// `navigator.locks`.
        locks: JsValue,
        channel: BroadcastChannel,
        /// The name of channel and lock.
        name: String,
    },
    /// `localStorage`, for all other cases.
    Storage(Rc<StoredTabs>),
}

impl OtherTabs {
    /// Joins the tabs that share `name`. `None` if a tab cannot know of others.
    pub(super) fn join(name: &str) -> Option<Self> {
        Self::by_locks(name).or_else(|| StoredTabs::join(name).map(Rc::new).map(Self::Storage))
    }

    fn by_locks(name: &str) -> Option<Self> {
        Some(Self::Locks {
            locks: script::get(&script::get(&window(), "navigator")?, "locks")?,
            // Without this check the constructor would throw in a browser that lacks the class.
            channel: script::get(&window(), "BroadcastChannel")
                .and_then(|_| BroadcastChannel::new(name).ok())?,
            name: name.to_owned(),
        })
    }

    /// Sends a message to the other tabs.
    pub(super) fn tell(&self, message: &str) {
        match self {
            Self::Locks { channel, .. } => {
                let _ = channel.post_message(&JsValue::from_str(message));
            }
            Self::Storage(tabs) => tabs.tell(message),
        }
    }

    /// Calls `hear` with each message of the other tabs.
    pub(super) fn listen(&self, hear: impl Fn(&str) + 'static) {
        match self {
            Self::Locks { channel, .. } => {
                let hear = script::function(move |event| {
                    let event: MessageEvent = event.unchecked_into();
                    if let Some(message) = event.data().as_string() {
                        hear(&message);
                    }
                });
                channel.set_onmessage(Some(&hear));
            }
            Self::Storage(tabs) => tabs.listen(hear),
        }
    }

    /// Calls `lead` when this tab begins or stops to lead. One tab leads at a time; when it closes, another
    /// tab leads.
    pub(super) fn lead_in_turn(&self, lead: impl Fn(bool) + 'static) {
        match self {
            Self::Locks { locks, name, .. } => {
                let Some(request) = script::get(locks, "request") else {
                    return;
                };
                let lead = Closure::once_into_js(move || {
                    lead(true);
                    // The lock is held until this promise is settled, which never happens while the page lives.
                    Promise::new(&mut |_, _| {})
                });
                let request: Function = request.unchecked_into();
                let _ = request.call2(locks, &JsValue::from_str(name), &lead);
            }
            Self::Storage(tabs) => tabs.lead_in_turn(lead),
        }
    }
}
