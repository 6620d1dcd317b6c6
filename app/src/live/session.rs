//! The session of an open page: the warning before its end, and the end.
//!
//! A page keeps the moment at which its session would end, and shares it with the browser's other tabs, so
//! that all count in step. Only the server knows the true end: the page asks it before it warns, and at the
//! moment itself.

use std::{
    cell::Cell,
    rc::{Rc, Weak},
    time::Duration,
};

use js_sys::Date;
use leptos::{
    leptos_dom::helpers::TimeoutHandle,
    prelude::{GetUntracked, Set, document, set_timeout, set_timeout_with_handle, window},
    task::spawn_local,
};
use web_sys::Event;

use super::{
    DEVICES_CHANGED, ENDED, IN_BACKGROUND, Phase, SHORTENED, Shown, script, shared_name,
    tab::{CUT_OFF, REFUSED, Tab},
};
use crate::{
    browser,
    routes::{CURRENT_SESSION, END_NOTICE},
    wire::{
        ApiError,
        session::{CurrentSession, EndCause, EndNotice},
    },
};

/// Events of the window with which the page says what the person wants.
const CHECK: &str = "latchkey-check";
const STAY: &str = "latchkey-stay";

/// The event of the window: another page has come into this document.
const COME: &str = "latchkey-page";

/// The options of a request that counts as activity and postpones the end.
const BY_THE_PERSON: &str = "{}";

/// The message to the other tabs: the end of the session, and its user.
const UNTIL: &str = "until ";

/// The pause before another request to a server that did not answer.
const RETRY: Duration = Duration::from_secs(5);

/// The longest timer, in milliseconds: a day. Browsers cannot wait for longer than 24 days at once.
const LONGEST_WAIT: f64 = 86_400_000.0;

thread_local! {
    /// The last change of the person's sessions, by this computer's clock, in milliseconds.
    static CHANGED_AT: Cell<f64> = const { Cell::new(0.0) };
}

/// Asks the server whether the session lives. If not, covers the page or leaves it.
pub fn check() {
    announce(CHECK);
}

/// Postpones the end of the session.
pub fn stay() {
    announce(STAY);
}

/// Says that a page has come into this document that was asked for at `asked_at`, in milliseconds. If the sessions have
/// changed since then, the page may not know.
pub(super) fn has_come(asked_at: f64) {
    announce(COME);
    if CHANGED_AT.get() >= asked_at {
        announce(DEVICES_CHANGED);
    }
}

/// Says that the person stays on the page after all, although a form or the browser was about to lead away.
pub(super) fn has_stayed() {
    announce(COME);
}

/// Says that the person's sessions have changed.
fn devices_have_changed() {
    CHANGED_AT.set(Date::now());
    announce(DEVICES_CHANGED);
}

/// Listens to the server and to the browser's other tabs.
pub fn watch(session: CurrentSession, shown: Shown) {
    let name = shared_name(&session.database);
    let watch = Rc::new_cyclic(|watch: &Weak<Watch>| {
        let watch = watch.clone();
        let hear = move |message: &str| {
            if let Some(watch) = watch.upgrade() {
                watch.hear(message);
            }
        };
        Watch {
            tab: Tab::join(&name, hear),
            shown,
            ends_at: Cell::default(),
            asked_at: Cell::new(page_came_at().unwrap_or_else(Date::now)),
            alarm: Cell::default(),
            is_unanswered: Cell::default(),
            session,
        }
    });
    watch.on(&[CHECK], Watch::ask);
    watch.on(&[STAY], Watch::extend);
    watch.on(&["keydown", "pointerdown"], Watch::notice_input);
    // A page that slept or was offline may have missed its end. `visibilitychange` bubbles from the document.
    watch.on(&["online", "visibilitychange"], |watch| {
        if !document().hidden() {
            watch.ask();
        }
    });
    watch.notice_leaving();
    watch.on(&[COME], |watch| {
        script::end_sending();
        watch.tab.resume();
    });
    // The person may have sent a form before this moment.
    if script::is_sending() {
        watch.tab.pause();
    }
    watch.answered(&watch.session.clone(), watch.asked_at.get());
}

struct Watch {
    /// The session when the server rendered the page.
    session: CurrentSession,
    shown: Shown,
    tab: Rc<Tab>,
    /// The end of the session, by this computer's clock, in milliseconds.
    ends_at: Cell<f64>,
    asked_at: Cell<f64>,
    alarm: Cell<Option<TimeoutHandle>>,
    /// Whether the last request had no answer.
    is_unanswered: Cell<bool>,
}

impl Watch {
    fn on(self: &Rc<Self>, events: &[&str], act: fn(&Rc<Self>)) {
        let watch = Rc::clone(self);
        let hear = script::function(move |_| act(&watch));
        for name in events {
            let _ = window().add_event_listener_with_callback(name, &hear);
        }
    }

    fn hear(self: &Rc<Self>, message: &str) {
        if let Some(told) = message.strip_prefix(UNTIL) {
            let Some((ends_at, login)) = told.split_once(' ') else {
                return;
            };
            let ends_at = js_sys::parse_float(ends_at);
            if login != self.session.login {
                leave();
            } else if !ends_at.is_nan() {
                self.live_until(ends_at);
            }
        } else if message == ENDED {
            // This tab may be the next to open the stream, and the server would refuse that.
            self.tab.pause();
            self.ask();
        } else if [REFUSED, SHORTENED].contains(&message) {
            self.ask();
        } else if message == CUT_OFF {
            // Without an answer, the page asks again by itself.
            if !self.is_unanswered.get() {
                self.ask();
            }
        } else {
            devices_have_changed();
        }
    }

    /// Asks the server without counting as activity.
    fn ask(self: &Rc<Self>) {
        self.clone().request(IN_BACKGROUND);
    }

    fn extend(self: &Rc<Self>) {
        self.clone().request(BY_THE_PERSON);
    }

    /// Extends the session while the person types or clicks, because that is activity even if it causes no
    /// request.
    fn notice_input(self: &Rc<Self>) {
        let left = self.session.left;
        let is_old = |since: f64| Date::now() - since > f64::from(left.warning);
        let renewed_at = self.ends_at.get() - f64::from(left.milliseconds);
        if self.shown.phase.get_untracked() == Phase::Calm
            && self.shown.can_be_extended.get_untracked()
            && is_old(renewed_at)
            && is_old(self.asked_at.get())
        {
            self.extend();
        }
    }

    fn request(self: Rc<Self>, options: &'static str) {
        let asked_at = Date::now();
        self.asked_at.set(asked_at);
        spawn_local(async move {
            match script::read::<Option<CurrentSession>>(CURRENT_SESSION, options).await {
                Ok(Some(session)) => self.answered(&session, asked_at),
                Ok(None) => self.over().await,
                Err(error) => self.not_answered(error),
            }
        });
    }

    /// Handles a missing answer. A calm page asks once more before it reports that, because a restarting
    /// server is back by then.
    fn not_answered(self: &Rc<Self>, error: ApiError) {
        let is_calm = self.shown.phase.get_untracked() == Phase::Calm;
        if self.is_unanswered.replace(true) || !is_calm {
            self.shown.trouble.set(Some(error));
        }
        if Date::now() >= self.ends_at.get() {
            self.time_has_passed(None);
        } else if is_calm {
            let watch = Rc::clone(self);
            set_timeout(move || watch.ask(), RETRY);
        } else {
            self.count_down();
        }
    }

    /// Handles an answer: the session lives, or the browser has another session by now. The time left counts
    /// from the request, because answers take time, and a page that starts slowly would otherwise warn too
    /// late.
    fn answered(self: &Rc<Self>, session: &CurrentSession, asked_at: f64) {
        if session.login != self.session.login || session.database != self.session.database {
            return leave();
        }
        let left = session.left;
        self.shown.can_be_extended.set(left.can_be_extended);
        let ends_at = asked_at + f64::from(left.milliseconds);
        let told = [UNTIL, &script::written(ends_at), " ", &self.session.login].concat();
        self.tab.tell_others(&told);
        self.live_until(ends_at);
    }

    fn live_until(self: &Rc<Self>, ends_at: f64) {
        self.ends_at.set(ends_at);
        self.is_unanswered.set(false);
        self.shown.trouble.set(None);
        super::navigation::try_again();
        if !script::is_sending() {
            self.tab.resume();
        }
        if self.shown.phase.get_untracked() == Phase::Locked {
            self.shown.phase.set(Phase::Calm);
            // The page shows old facts about its own session.
            devices_have_changed();
        }
        self.count_down();
    }

    /// Waits until the warning, warns, and counts the seconds.
    fn count_down(self: &Rc<Self>) {
        let left = self.ends_at.get() - Date::now();
        let warning = f64::from(self.session.left.warning);
        let phase = self.shown.phase.get_untracked();
        if left > warning {
            self.shown.phase.set(Phase::Calm);
            self.wake_in((left - warning).min(LONGEST_WAIT));
        } else if left >= 1.0 {
            if phase == Phase::Calm {
                self.shown.phase.set(Phase::Warning);
            }
            let seconds = Duration::from_secs_f64((left - 1.0) / 1_000.0).as_secs() + 1;
            self.shown.seconds.set(seconds);
            // Wake up when the shown number changes.
            self.wake_in((left % 1_000.0).max(1.0));
        } else if phase != Phase::Locked {
            self.shown.seconds.set(0);
            self.ask();
        }
    }

    fn wake_in(self: &Rc<Self>, milliseconds: f64) {
        let watch = Rc::clone(self);
        let wake = move || watch.wake();
        let alarm = set_timeout_with_handle(wake, Duration::from_secs_f64(milliseconds / 1_000.0));
        if let Some(earlier) = self.alarm.replace(alarm.ok()) {
            earlier.clear();
        }
    }

    fn wake(self: &Rc<Self>) {
        let left = self.ends_at.get() - Date::now();
        let is_time_to_warn = left <= f64::from(self.session.left.warning);
        if self.shown.phase.get_untracked() == Phase::Calm && is_time_to_warn {
            // Requests that this page does not know of may have postponed the end.
            self.clone().request(IN_BACKGROUND);
        } else {
            self.count_down();
        }
    }

    /// The session has ended. If it has expired, the page stays as it is, covered.
    async fn over(self: Rc<Self>) {
        match script::read::<Option<EndNotice>>(END_NOTICE, BY_THE_PERSON).await {
            Ok(Some(notice)) if matches!(notice.cause, EndCause::Idle | EndCause::TooOld) => {
                self.time_has_passed(Some(notice.words));
            }
            Ok(_) => leave(),
            Err(error) => self.not_answered(error),
        }
    }

    /// Covers the page. On a shared computer it leaves the page, so that the next person sees nothing of it.
    fn time_has_passed(&self, reason: Option<String>) {
        if self.session.computer.is_shared() {
            leave();
        } else {
            self.cover(reason);
        }
    }

    fn cover(&self, reason: Option<String>) {
        self.shown.reason.set(reason);
        self.tab.pause();
        if let Some(alarm) = self.alarm.take() {
            alarm.clear();
        }
        self.shown.phase.set(Phase::Locked);
    }

    /// Notices submits. A tab that logs out is already on its way to another page. Until then the page stops to listen and
    /// to read changes: the answer may have ended the session or changed the database, and the server would refuse both.
    fn notice_leaving(self: &Rc<Self>) {
        let watch = Rc::clone(self);
        let hear = script::function(move |_| {
            let watch = Rc::clone(&watch);
            // The page's script notes in a timeout whether the browser sends the form. That timeout is older.
            let look = move || {
                if script::is_sending() {
                    watch.tab.pause();
                }
            };
            set_timeout(look, Duration::ZERO);
        });
        let _ = window().add_event_listener_with_callback("submit", &hear);
    }
}

/// Reloads the page. The server then leads to the log-in page, which says why, and back to this page
/// afterwards.
fn leave() {
    if !script::is_sending() {
        browser::reload();
    }
}

/// The arrival of the server's answer with this page, by this computer's clock, in milliseconds.
fn page_came_at() -> Option<f64> {
    let timing = script::get(&script::get(&window(), "performance")?, "timing")?;
    script::get(&timing, "responseStart")?.as_f64()
}

fn announce(name: &str) {
    if let Ok(event) = Event::new(name) {
        let _ = window().dispatch_event(&event);
    }
}
