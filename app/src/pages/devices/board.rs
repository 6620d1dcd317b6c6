//! The state of the Devices page once script runs, and the outcome of its forms without script.

use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};

use crate::{
    api::device::{NameDevice, RevokeDevice, RevokeOtherDevices, name_device},
    browser::{self, NamingForm},
    components::device_item::{ALL_OTHERS, element_id},
    live::{DEVICES_HEADING, Other, UpdatedDevices},
    page,
    text::{self, DevicesText},
    wire::ApiError,
    wording,
};

/// The initial state of the page, for people without script.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Start {
    /// The device to ask about, or all others: from `?revoke=…`, or from a refused form.
    revoke: Option<String>,
    /// The outcome of the last form.
    done: Option<Done>,
    /// The error of a form that revokes.
    error: Option<ApiError>,
    /// The error of a form that names a device.
    naming_error: Option<ApiError>,
}

/// The outcome of a form.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Done {
    Revoked,
    /// The number of revoked devices.
    RevokedOthers(u32),
    Named,
}

impl Start {
    /// The initial state of the page that is being rendered.
    pub fn read() -> Self {
        let one = page::posted_error::<RevokeDevice>();
        let others = page::posted_error::<RevokeOtherDevices>();
        let refused = match &others {
            Some(_) => Some(ALL_OTHERS.to_owned()),
            None => page::posted_field::<RevokeDevice>("id"),
        };
        let asked = || page::query("revoke");
        Self {
            revoke: refused.or_else(asked),
            done: Done::read(),
            naming_error: page::posted_error::<NameDevice>(),
            error: one.or(others),
        }
    }
}

impl Done {
    fn read() -> Option<Self> {
        let one = page::posted_done::<RevokeDevice>().map(|_| Self::Revoked);
        let others = || page::posted_done::<RevokeOtherDevices>().map(Self::RevokedOthers);
        let named = || page::posted_done::<NameDevice>().map(|_| Self::Named);
        one.or_else(others).or_else(named)
    }

    fn words(self, text: DevicesText) -> String {
        match self {
            Self::Revoked => text.revoked_device().to_owned(),
            Self::RevokedOthers(count) => text.revoked_count(count),
            Self::Named => text.saved().to_owned(),
        }
    }
}

/// The subject of the dialog's question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    One(Other),
    Others,
}

/// The state and the actions of the board. Each field is a handle.
#[derive(Clone, Copy)]
pub(super) struct Board {
    /// The devices that can be revoked; a revoked device is removed.
    pub others: RwSignal<Vec<Other>>,
    /// The number of further devices, which the list does not show.
    pub unlisted: RwSignal<u32>,
    /// The subject of the question. It outlives the dialog, because the answer arrives later.
    pub subject: RwSignal<Option<Subject>>,
    pub is_asking: RwSignal<bool>,
    pub message: RwSignal<Option<String>>,
    /// The error of a post without script, until the next question.
    posted: RwSignal<Option<ApiError>>,
    /// Whether the dialog asks for the password: from the server's demand to the end of the question.
    pub asks_password: RwSignal<bool>,
    pub revoke: ServerAction<RevokeDevice>,
    pub revoke_others: ServerAction<RevokeOtherDevices>,
    /// The error of the last naming of a device.
    pub naming_error: RwSignal<Option<ApiError>>,
    /// Whether the last update of the list failed.
    pub is_stale: RwSignal<bool>,
}

impl Board {
    pub fn new(others: Vec<Other>, unlisted: u32, start: Start, text: DevicesText) -> Self {
        let asked = start.revoke.as_deref();
        let subject = asked.and_then(|id| subject(&others, id));
        let is_gone = asked.is_some() && subject.is_none();
        let message = match start.done {
            Some(done) => Some(done.words(text)),
            None => is_gone.then(|| text.gone().to_owned()),
        };
        Self {
            others: RwSignal::new(others),
            unlisted: RwSignal::new(unlisted),
            is_asking: RwSignal::new(subject.is_some()),
            subject: RwSignal::new(subject),
            message: RwSignal::new(message),
            asks_password: RwSignal::new(start.error.as_ref().is_some_and(wants_password)),
            posted: RwSignal::new(start.error),
            revoke: page::form_action(None).0,
            revoke_others: page::form_action(None).0,
            naming_error: RwSignal::new(start.naming_error),
            is_stale: RwSignal::new(false),
        }
    }

    pub fn is_pending(self) -> Signal<bool> {
        let (one, others) = (self.revoke.pending(), self.revoke_others.pending());
        Signal::derive(move || one.get() || others.get())
    }

    pub fn error(self) -> Signal<Option<ApiError>> {
        let (one, others) = (self.revoke.value(), self.revoke_others.value());
        Signal::derive(move || {
            let one = one.with(|value| value.as_ref()?.as_ref().err().cloned());
            let others = others.with(|value| value.as_ref()?.as_ref().err().cloned());
            one.or(others).or_else(|| self.posted.get())
        })
    }

    /// The number of other devices, listed or not.
    pub fn count(self) -> u32 {
        let listed = u32::try_from(self.others.with(Vec::len)).unwrap_or(u32::MAX);
        listed.saturating_add(self.unlisted.get())
    }

    pub fn ask(self, asked: &str) {
        if self.is_pending().get_untracked() {
            return;
        }
        self.revoke.clear();
        self.revoke_others.clear();
        self.posted.set(None);
        self.asks_password.set(false);
        self.message.set(None);
        self.subject
            .set(self.others.with_untracked(|others| subject(others, asked)));
        self.is_asking.set(true);
    }

    /// Names a device, and updates the list.
    pub fn name(self, form: NamingForm, text: DevicesText, refresh: impl Fn() + 'static) {
        self.message.set(None);
        self.naming_error.set(None);
        form.wait();
        spawn_local(async move {
            let named = name_device(form.device.clone(), form.name.clone()).await;
            form.answered();
            match named {
                Ok(()) => {
                    form.close();
                    self.message.set(Some(renamed(text, &form.name)));
                    refresh();
                }
                Err(error) => self.naming_error.set(Some(error)),
            }
        });
    }

    /// Removes the revoked device, announces that, and moves the focus to the next card.
    pub fn remove_one(self, text: DevicesText) {
        let Some(Subject::One(gone)) = self.subject.get_untracked() else {
            return;
        };
        let next = self.others.with_untracked(|others| {
            let behind = others.iter().skip_while(|other| other.id != gone.id).nth(1);
            behind.map(|other| element_id(&other.id))
        });
        self.take_out(|other| other.id == gone.id);
        self.done(text.revoked(&gone.name), next);
    }

    pub fn remove_others(self, text: DevicesText, count: u32) {
        self.take_out(|_| true);
        self.unlisted.set(0);
        self.done(text.revoked_count(count), None);
    }

    fn take_out(self, is_gone: impl Fn(&Other) -> bool) {
        self.others.update(|others| {
            others.retain(|other| {
                let stays = !is_gone(other);
                if !stays {
                    browser::remove_item(&element_id(&other.id));
                }
                stays
            });
        });
    }

    /// Takes over the updated list; `None` means that the update failed.
    pub fn relist(self, listed: Option<UpdatedDevices>, text: DevicesText) {
        self.is_stale.set(listed.is_none());
        let Some(listed) = listed else {
            return;
        };
        let known = self.others.get_untracked();
        // A device that the list did not show before may appear without a log-in.
        let knew_all = self.unlisted.get_untracked() == 0;
        if listed.is_changed {
            let message = change(text, &known, &listed.others, knew_all);
            self.message.set(Some(message));
        }
        self.others.set(listed.others);
        self.unlisted.set(listed.unlisted);
    }

    fn done(self, message: String, next: Option<String>) {
        self.is_asking.set(false);
        self.message.set(Some(message));
        browser::focus(next.unwrap_or_else(|| DEVICES_HEADING.to_owned()));
    }
}

/// The news after a device was named. An empty name takes the given name away.
fn renamed(text: DevicesText, typed: &str) -> String {
    match typed.trim() {
        "" => text.unnamed().to_owned(),
        name => text.renamed(&wording::isolated(text::text(), name)),
    }
}

/// The news about a list that has changed from `known` to `listed`: the device if it is one.
fn change(text: DevicesText, known: &[Other], listed: &[Other], knew_all: bool) -> String {
    let only_in = |these: &[Other], those: &[Other]| -> Vec<String> {
        let is_missing = |one: &&Other| those.iter().all(|other| other.id != one.id);
        let missing = these.iter().filter(is_missing);
        missing.map(|other| other.name.clone()).collect()
    };
    match (&*only_in(listed, known), &*only_in(known, listed)) {
        ([new], []) if knew_all => text.logged_in(new),
        ([], [gone]) => text.logged_out(gone),
        _ => text.changed().to_owned(),
    }
}

/// Whether the server will do it with the password.
pub(super) fn wants_password(error: &ApiError) -> bool {
    matches!(
        error,
        ApiError::ConfirmationRequired | ApiError::WrongPassword
    )
}

/// The subject of `?revoke=…`, if it can be revoked.
fn subject(others: &[Other], asked: &str) -> Option<Subject> {
    if asked == ALL_OTHERS {
        return others.first().map(|_| Subject::Others);
    }
    let other = others.iter().find(|other| other.id == asked);
    other.cloned().map(Subject::One)
}
