//! A tab of a browser. One tab holds the stream, and passes its events on to the other tabs.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use leptos::prelude::set_timeout;
use web_sys::EventSource;

use super::{DEVICES_CHANGED, ENDED, SHORTENED, other_tabs::OtherTabs, script};
use crate::routes::SESSION_EVENTS;

/// The pause after the server has refused the stream.
const RETRY: Duration = Duration::from_secs(10);

/// The event after a refusal.
pub(super) const REFUSED: &str = "refused";

/// The event after the stream was cut off.
pub(super) const CUT_OFF: &str = "cut-off";

pub(super) struct Tab {
    /// The other tabs; `None` in browsers that store nothing for this origin. There a tab opens no stream,
    /// because browsers allow six connections to a host, and a stream for each tab would keep the next page
    /// from loading.
    others: Option<OtherTabs>,
    stream: RefCell<Option<EventSource>>,
    is_leading: Cell<bool>,
    /// Whether there is no session to hear of.
    is_paused: Cell<bool>,
    hear: Box<dyn Fn(&str)>,
}

impl Tab {
    /// Joins the tabs that share `name`. `hear` gets the names of events, the messages of other tabs, and
    /// [`REFUSED`] if the server refuses the stream: the session may have ended. [`CUT_OFF`] comes each time that the
    /// browser does not reach the server.
    pub(super) fn join(name: &str, hear: impl Fn(&str) + 'static) -> Rc<Self> {
        let tab = Rc::new(Self {
            others: OtherTabs::join(name),
            stream: RefCell::default(),
            is_leading: Cell::default(),
            is_paused: Cell::default(),
            hear: Box::new(hear),
        });
        if let Some(others) = &tab.others {
            let hearing = Rc::clone(&tab);
            others.listen(move |message| (hearing.hear)(message));
            let leading = Rc::clone(&tab);
            others.lead_in_turn(move |leads| leading.lead(leads));
        }
        tab
    }

    /// Sends a message to the browser's other tabs.
    pub(super) fn tell_others(&self, message: &str) {
        if let Some(others) = &self.others {
            others.tell(message);
        }
    }

    /// Opens no stream until [`Tab::resume`].
    pub(super) fn pause(&self) {
        self.is_paused.set(true);
        self.close();
    }

    /// Opens the stream again, if this tab holds it.
    pub(super) fn resume(self: &Rc<Self>) {
        if self.is_paused.replace(false) {
            self.open();
        }
    }

    fn lead(self: &Rc<Self>, leads: bool) {
        if self.is_leading.replace(leads) == leads {
            return;
        }
        if leads {
            self.open();
        } else {
            self.close();
        }
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
                // No event follows, and an open stream would make the browser reconnect.
                tab.close();
            }
            tab.tell_others(&name);
            (tab.hear)(&name);
        });
        for name in [DEVICES_CHANGED, SHORTENED, ENDED] {
            let _ = stream.add_event_listener_with_callback(name, &pass_on);
        }
        let (tab, refused) = (Rc::clone(self), stream.clone());
        let on_error = script::function(move |_| {
            // The browser itself reopens a stream that is only cut off.
            if refused.ready_state() == EventSource::CLOSED {
                tab.close();
                (tab.hear)(REFUSED);
                let tab = Rc::clone(&tab);
                set_timeout(move || tab.open(), RETRY);
            } else {
                (tab.hear)(CUT_OFF);
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
