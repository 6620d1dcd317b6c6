//! The tabs of a browser without Web Locks, which includes every browser over plain HTTP.
//!
//! `localStorage` holds a lease. The leading tab renews the lease; another tab takes the lease over when it
//! is given up or too old. Messages to the other tabs are events of the same storage.

use std::{rc::Rc, time::Duration};

use js_sys::{Date, Math};
use leptos::prelude::{set_timeout, window};
use wasm_bindgen::JsCast;
use web_sys::{Storage, StorageEvent};

use super::script;

/// The pause between two looks at the lease.
const LOOK: Duration = Duration::from_secs(5);

/// The time before a claim counts: of several tabs that claim at once, the last one leads.
const SETTLE: Duration = Duration::from_millis(250);

/// The age in milliseconds at which a lease expires. Browsers let a hidden tab look only once a minute.
const LONGEST_LEASE: f64 = 75_000.0;

pub(super) struct StoredTabs {
    storage: Storage,
    /// The key of the lease: the holder's id, a space, and the time of the renewal.
    lease: String,
    /// The key of a message, which exists only while the message is sent.
    message: String,
    /// This tab's id.
    id: String,
}

impl StoredTabs {
    /// Joins the tabs. `None` if the browser stores nothing for this origin.
    pub(super) fn join(name: &str) -> Option<Self> {
        Some(Self {
            storage: window().local_storage().ok()??,
            lease: name.to_owned(),
            message: [name, "-message"].concat(),
            id: script::written(Math::random()),
        })
    }

    pub(super) fn tell(&self, message: &str) {
        let _ = self.storage.set_item(&self.message, message);
        // A message may name a login, so it must not stay in the storage.
        let _ = self.storage.remove_item(&self.message);
    }

    pub(super) fn listen(self: &Rc<Self>, hear: impl Fn(&str) + 'static) {
        let tabs = Rc::clone(self);
        on_change(move |key, value| {
            if key == tabs.message
                && let Some(message) = value
            {
                hear(&message);
            }
        });
    }

    /// Calls `lead` at each look with whether this tab leads.
    pub(super) fn lead_in_turn(self: &Rc<Self>, lead: impl Fn(bool) + 'static) {
        let lead: Rc<dyn Fn(bool)> = Rc::new(lead);
        let (tabs, told) = (Rc::clone(self), Rc::clone(&lead));
        on_change(move |key, value| {
            if key == tabs.lease && value.is_none() {
                tabs.look(&told);
            }
        });
        let tabs = Rc::clone(self);
        let give_up = script::function(move |_| {
            if tabs.holder().is_some_and(|holder| holder == tabs.id) {
                let _ = tabs.storage.remove_item(&tabs.lease);
            }
        });
        let _ = window().add_event_listener_with_callback("pagehide", &give_up);
        self.keep_looking(lead);
    }

    fn keep_looking(self: &Rc<Self>, lead: Rc<dyn Fn(bool)>) {
        self.look(&lead);
        let tabs = Rc::clone(self);
        set_timeout(move || tabs.keep_looking(lead), LOOK);
    }

    fn look(self: &Rc<Self>, lead: &Rc<dyn Fn(bool)>) {
        match self.holder() {
            Some(holder) if holder == self.id => {
                self.renew();
                lead(true);
            }
            Some(_) => lead(false),
            None => {
                self.renew();
                let (tabs, lead) = (Rc::clone(self), Rc::clone(lead));
                set_timeout(move || tabs.settle(&lead), SETTLE);
            }
        }
    }

    fn settle(&self, lead: &Rc<dyn Fn(bool)>) {
        lead(self.holder().is_some_and(|holder| holder == self.id));
    }

    fn renew(&self) {
        let lease = [&self.id, " ", &script::written(Date::now())].concat();
        let _ = self.storage.set_item(&self.lease, &lease);
    }

    /// The id of the tab whose lease has not expired. A time in the future comes from a clock that was set back.
    fn holder(&self) -> Option<String> {
        let lease = self.storage.get_item(&self.lease).ok()??;
        let (holder, renewed_at) = lease.split_once(' ')?;
        // No number is older than any.
        let age = Date::now() - js_sys::parse_float(renewed_at);
        (age.abs() < LONGEST_LEASE).then(|| holder.to_owned())
    }
}

/// Calls `hear` with key and new value when another tab changes the storage.
fn on_change(hear: impl Fn(String, Option<String>) + 'static) {
    let hear = script::function(move |event| {
        let event: StorageEvent = event.unchecked_into();
        if let Some(key) = event.key() {
            hear(key, event.new_value());
        }
    });
    let _ = window().add_event_listener_with_callback("storage", &hear);
}
