//! A tab: one of a browser's tabs holds the stream, and passes on to the others what it hears.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use js_sys::{Function, Promise};
use leptos::prelude::{set_timeout, window};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{BroadcastChannel, EventSource, MessageEvent};

use super::{DEVICES_CHANGED, ENDED, script};
use crate::{browser, routes::SESSION_EVENTS};

/// When to try again after the server has refused the stream.
const RETRY: Duration = Duration::from_secs(10);

/// What is heard then.
pub(super) const REFUSED: &str = "refused";

pub(super) struct Tab {
    /// Missing in browsers that have none: then every tab has a stream of its own.
    channel: Option<BroadcastChannel>,
    stream: RefCell<Option<EventSource>>,
    is_leading: Cell<bool>,
    /// There is no session to hear of.
    is_paused: Cell<bool>,
    hear: Box<dyn Fn(&str)>,
}

impl Tab {
    /// Joins the tabs that share `name`. `hear` gets the names of events, what other tabs tell, and
    /// [`REFUSED`] where the server refuses the stream: the session may be over.
    pub(super) fn join(name: &str, hear: impl Fn(&str) + 'static) -> Rc<Self> {
        let tab = Rc::new(Self {
            channel: BroadcastChannel::new(name).ok(),
            stream: RefCell::default(),
            is_leading: Cell::default(),
            is_paused: Cell::default(),
            hear: Box::new(hear),
        });
        tab.clone().hear_others();
        tab.clone().lead_in_turn(name);
        tab
    }

    /// Tells the browser's other tabs.
    pub(super) fn tell_others(&self, message: &str) {
        if let Some(channel) = &self.channel {
            let _ = channel.post_message(&JsValue::from_str(message));
        }
    }

    /// Opens no stream until [`Tab::resume`].
    pub(super) fn pause(&self) {
        self.is_paused.set(true);
        self.close();
    }

    /// Opens the stream again, if it is this tab that holds it.
    pub(super) fn resume(self: &Rc<Self>) {
        if self.is_paused.replace(false) {
            self.open();
        }
    }

    fn hear_others(self: Rc<Self>) {
        let Some(channel) = self.channel.clone() else {
            return;
        };
        let hear = script::function(move |event| {
            let event: MessageEvent = event.unchecked_into();
            if let Some(message) = event.data().as_string() {
                (self.hear)(&message);
            }
        });
        channel.set_onmessage(Some(&hear));
    }

    /// Opens the stream when no other tab has it: the browser gives the lock to one at a time, and
    /// to the next when that one closes.
    fn lead_in_turn(self: Rc<Self>, name: &str) {
        let found = browser::get(&window(), "navigator")
            .and_then(|navigator| browser::get(&navigator, "locks"))
            .filter(|_| self.channel.is_some())
            .and_then(|locks| Some((browser::get(&locks, "request")?, locks)));
        let Some((request, locks)) = found else {
            return self.lead();
        };
        let request: Function = request.unchecked_into();
        let lead = Closure::once_into_js(move || {
            self.lead();
            // The lock is held until this is settled: as long as the page lives.
            Promise::new(&mut |_, _| {})
        });
        let _ = request.call2(&locks, &JsValue::from_str(name), &lead);
    }

    fn lead(self: &Rc<Self>) {
        self.is_leading.set(true);
        self.open();
    }

    fn open(self: &Rc<Self>) {
        if !self.is_leading.get() || self.is_paused.get() || self.stream.borrow().is_some() {
            return;
        }
        let Ok(stream) = EventSource::new(SESSION_EVENTS) else {
            return;
        };
        let tab = Rc::clone(self);
        let pass_on = script::function(move |event| {
            let name = event.type_();
            if name == ENDED {
                // Nothing more will come, and the browser would ask for it again.
                tab.close();
            }
            tab.tell_others(&name);
            (tab.hear)(&name);
        });
        for name in [DEVICES_CHANGED, ENDED] {
            let _ = stream.add_event_listener_with_callback(name, &pass_on);
        }
        let (tab, refused) = (Rc::clone(self), stream.clone());
        let on_error = script::function(move |_| {
            // A stream that is only cut off is taken up again by the browser.
            if refused.ready_state() == EventSource::CLOSED {
                tab.close();
                (tab.hear)(REFUSED);
                let tab = Rc::clone(&tab);
                set_timeout(move || tab.open(), RETRY);
            }
        });
        stream.set_onerror(Some(&on_error));
        *self.stream.borrow_mut() = Some(stream);
    }

    fn close(&self) {
        if let Some(stream) = self.stream.take() {
            stream.close();
        }
    }
}
