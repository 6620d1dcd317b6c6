//! A tab: one of a browser's tabs holds the stream, and passes on to the others what it hears.

use std::{cell::Cell, rc::Rc, time::Duration};

use js_sys::{Function, Promise};
use leptos::{
    prelude::{document, set_timeout, window},
    task::spawn_local,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{BroadcastChannel, Event, EventSource, MessageEvent};

use super::{DEVICES_CHANGED, ENDED};
use crate::{browser, routes::SESSION_EVENTS};

/// When to try again after the server has refused the stream.
const RETRY: Duration = Duration::from_secs(10);

const SIGNED_OUT: u16 = 401;

struct Tab {
    /// Missing in browsers that have none: then every tab has a stream of its own.
    channel: Option<BroadcastChannel>,
    /// A form is on its way, perhaps the one that logs out: its answer says where to go.
    is_leaving: Cell<bool>,
}

/// Begins to listen, where somebody is logged in.
pub fn start() {
    let marked = document().query_selector("[data-live]").ok().flatten();
    let Some(name) = marked.and_then(|marked| marked.get_attribute("data-live")) else {
        return;
    };
    let tab = Rc::new(Tab {
        channel: BroadcastChannel::new(&name).ok(),
        is_leaving: Cell::default(),
    });
    tab.clone().hear_others();
    tab.clone().notice_leaving();
    tab.clone().probe_when_back();
    tab.lead_in_turn(&name);
}

impl Tab {
    fn hear_others(self: Rc<Self>) {
        let Some(channel) = &self.channel else {
            return;
        };
        let tab = Rc::clone(&self);
        let hear = move |event: Event| {
            let event: MessageEvent = event.unchecked_into();
            if let Some(name) = event.data().as_string() {
                tab.act(&name);
            }
        };
        channel.set_onmessage(Some(&browser::function(hear)));
    }

    /// Opens the stream when no other tab has it: the browser gives the lock to one at a time, and
    /// to the next when that one closes.
    fn lead_in_turn(self: Rc<Self>, name: &str) {
        let found = browser::get(&window(), "navigator")
            .and_then(|navigator| browser::get(&navigator, "locks"))
            .filter(|_| self.channel.is_some())
            .and_then(|locks| Some((browser::get(&locks, "request")?, locks)));
        let Some((request, locks)) = found else {
            return self.open();
        };
        let request: Function = request.unchecked_into();
        let lead = Closure::once_into_js(move || {
            self.open();
            // The lock is held until this is settled: as long as the page lives.
            Promise::new(&mut |_, _| {})
        });
        let _ = request.call2(&locks, &JsValue::from_str(name), &lead);
    }

    fn open(self: Rc<Self>) {
        let Ok(stream) = EventSource::new(SESSION_EVENTS) else {
            return;
        };
        let tab = Rc::clone(&self);
        let pass_on = browser::function(move |event| {
            let name = event.type_();
            if let Some(channel) = &tab.channel {
                let _ = channel.post_message(&JsValue::from_str(&name));
            }
            tab.act(&name);
        });
        for name in [DEVICES_CHANGED, ENDED] {
            let _ = stream.add_event_listener_with_callback(name, &pass_on);
        }
        let refused = stream.clone();
        let on_error = browser::function(move |_| {
            // A stream that is only cut off is taken up again by the browser.
            if refused.ready_state() == EventSource::CLOSED {
                self.clone().probe();
                let tab = Rc::clone(&self);
                set_timeout(move || tab.open(), RETRY);
            }
        });
        stream.set_onerror(Some(&on_error));
    }

    fn act(&self, name: &str) {
        if name == ENDED {
            self.leave();
        } else if let Ok(event) = Event::new(DEVICES_CHANGED) {
            let _ = window().dispatch_event(&event);
        }
    }

    /// The server knows where to: to the log-in page, which says why, and then back here.
    fn leave(&self) {
        if !self.is_leaving.get() {
            browser::reload();
        }
    }

    /// Whoever logs out hears of it like every other tab, but is on the way already.
    fn notice_leaving(self: Rc<Self>) {
        let hear = browser::function(move |event| {
            let tab = Rc::clone(&self);
            // Until then every form that script sends by itself has said so.
            let look = move || tab.is_leaving.set(!event.default_prevented());
            set_timeout(look, Duration::ZERO);
        });
        let _ = window().add_event_listener_with_callback("submit", &hear);
    }

    /// A page that slept or was offline may have missed its end.
    fn probe_when_back(self: Rc<Self>) {
        let probe = browser::function(move |_| {
            if !document().hidden() {
                self.clone().probe();
            }
        });
        // The second bubbles from the document.
        for name in ["online", "visibilitychange"] {
            let _ = window().add_event_listener_with_callback(name, &probe);
        }
    }

    /// Asks whether there still is a session, and leaves if there is not.
    fn probe(self: Rc<Self>) {
        spawn_local(async move {
            let answer = browser::fetch(SESSION_EVENTS, r#"{"method":"HEAD"}"#).await;
            if answer.is_some_and(|answer| answer.status() == SIGNED_OUT) {
                self.leave();
            }
        });
    }
}
