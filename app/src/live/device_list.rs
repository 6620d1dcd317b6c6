//! The list of devices, updated while a person reads it.

use std::{cell::Cell, rc::Rc, time::Duration};

use leptos::{
    prelude::{on_cleanup, set_timeout, window},
    task::spawn_local,
};
use send_wrapper::SendWrapper;

use super::{DEVICES_CHANGED, IN_BACKGROUND, script};
use crate::{
    routes::DEVICE_OVERVIEW,
    wire::{ApiError, device::DeviceOverview},
};

/// The pause before an update, which joins several changes to one update.
const PAUSE: Duration = Duration::from_millis(150);

/// The pause after an answer without a list.
const RETRY: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    Waiting,
    Loading,
    /// A change arrived while the list was loading.
    LoadingOld,
    /// Another page has come into the document.
    Over,
}

struct List {
    phase: Cell<Phase>,
    /// Whether the last answer had no list.
    has_failed: Cell<bool>,
    is_busy: Box<dyn Fn() -> bool>,
    then: Box<dyn Fn(Option<DeviceOverview>)>,
}

/// Reads the list after each change, except while `is_busy`. Calls `then` each time, with `None` if the server does not
/// answer. The returned function reads the list at once, for a form that has changed something itself.
pub fn follow_devices(
    is_busy: impl Fn() -> bool + 'static,
    then: impl Fn(Option<DeviceOverview>) + 'static,
) -> impl Fn() + Send + Sync + 'static {
    let list = Rc::new(List {
        phase: Cell::new(Phase::Idle),
        has_failed: Cell::default(),
        is_busy: Box::new(is_busy),
        then: Box::new(then),
    });
    // Changes between the rendering and this moment were not heard.
    list.clone().change();
    let heard = Rc::clone(&list);
    let hear = script::function(move |_| heard.clone().change());
    let _ = window().add_event_listener_with_callback(DEVICES_CHANGED, &hear);
    let ended = SendWrapper::new((Rc::clone(&list), hear));
    on_cleanup(move || {
        let (list, hear) = &*ended;
        list.phase.set(Phase::Over);
        let _ = window().remove_event_listener_with_callback(DEVICES_CHANGED, hear);
    });
    let list = SendWrapper::new(list);
    move || Rc::clone(&list).change()
}

impl List {
    fn change(self: Rc<Self>) {
        match self.phase.get() {
            Phase::Idle => self.wait(PAUSE),
            Phase::Loading => self.phase.set(Phase::LoadingOld),
            Phase::Waiting | Phase::LoadingOld | Phase::Over => {}
        }
    }

    fn wait(self: Rc<Self>, pause: Duration) {
        self.phase.set(Phase::Waiting);
        set_timeout(move || self.load(), pause);
    }

    fn load(self: Rc<Self>) {
        if self.phase.get() == Phase::Over {
            return;
        }
        if (self.is_busy)() || script::is_sending() {
            return self.wait(PAUSE);
        }
        self.phase.set(Phase::Loading);
        spawn_local(async move {
            let overview =
                script::read::<Option<DeviceOverview>>(DEVICE_OVERVIEW, IN_BACKGROUND).await;
            if self.phase.get() == Phase::Over {
                return;
            }
            if self.phase.get() == Phase::LoadingOld || (self.is_busy)() {
                return self.wait(PAUSE);
            }
            self.phase.set(Phase::Idle);
            match overview {
                Ok(Some(overview)) => self.answered(Some(overview)),
                Ok(None) | Err(ApiError::NewPasswordRequired | ApiError::AnotherOwner) => {
                    super::check();
                }
                Err(_) => self.answered(None),
            }
        });
    }

    /// Handles an answer. An intermediary may have answered instead of the server: the list then stays, and
    /// only the second such answer in a row is reported.
    fn answered(self: Rc<Self>, overview: Option<DeviceOverview>) {
        let has_list = overview.is_some();
        if self.has_failed.replace(!has_list) || has_list {
            (self.then)(overview);
        }
        if !has_list {
            self.wait(RETRY);
        }
    }
}
