//! The question whether to revoke.

use leptos::prelude::*;

use crate::{
    api::device::{RevokeDevice, RevokeOtherDevices},
    browser,
    page::{self, FormAction},
    wire::{ApiError, device::DeviceCard},
};

/// The subject of the dialog's question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    One(Box<DeviceCard>),
    /// Two or more devices.
    Several(Vec<DeviceCard>),
    Others,
}

impl Subject {
    /// The ids of the devices, with commas between them; empty for all others.
    pub fn ids(&self) -> String {
        match self {
            Self::One(card) => card.id.clone(),
            Self::Several(cards) => {
                let ids: Vec<_> = cards.iter().map(|card| &*card.id).collect();
                ids.join(",")
            }
            Self::Others => String::new(),
        }
    }
}

impl From<&DeviceCard> for Subject {
    fn from(card: &DeviceCard) -> Self {
        Self::One(Box::new(card.clone()))
    }
}

/// The question and its answer. Each field is a handle.
#[derive(Clone, Copy)]
pub(super) struct Question {
    /// The subject of the question. It outlives the dialog, because the answer arrives later.
    pub subject: RwSignal<Option<Subject>>,
    pub is_asking: RwSignal<bool>,
    /// The error of a post without script, until the next question.
    posted: RwSignal<Option<ApiError>>,
    /// Whether the dialog asks for the password.
    pub asks_password: RwSignal<bool>,
    /// The time until which revoking needs no password, by this computer's clock, in milliseconds.
    confirmed_until: StoredValue<f64>,
    pub revoke: FormAction<RevokeDevice>,
    pub revoke_others: FormAction<RevokeOtherDevices>,
    /// The message of the page, which a new question takes away.
    message: RwSignal<Option<String>>,
}

impl Question {
    pub fn new(
        subject: Option<Subject>,
        error: Option<ApiError>,
        is_confirmed: bool,
        message: RwSignal<Option<String>>,
    ) -> Self {
        Self {
            is_asking: RwSignal::new(subject.is_some()),
            subject: RwSignal::new(subject),
            asks_password: RwSignal::new(
                !is_confirmed || error.as_ref().is_some_and(wants_password),
            ),
            confirmed_until: StoredValue::new(0.0),
            posted: RwSignal::new(error),
            revoke: page::form_action(None).0,
            revoke_others: page::form_action(None).0,
            message,
        }
    }

    /// Notes that revoking needs no password for so many seconds from now.
    pub fn set_confirmed_for(self, seconds: u32) {
        let until = browser::now() + f64::from(seconds) * 1_000.0;
        self.confirmed_until.set_value(until);
    }

    /// Asks for the password when the server demands that.
    pub fn follow_errors(self) {
        let error = self.error();
        Effect::new(move |_| {
            if error.with(|error| error.as_ref().is_some_and(wants_password)) {
                self.asks_password.set(true);
            }
        });
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

    pub fn ask(self, subject: Subject) {
        if self.is_pending().get_untracked() {
            return;
        }
        self.revoke.clear();
        self.revoke_others.clear();
        self.posted.set(None);
        self.asks_password
            .set(browser::now() >= self.confirmed_until.get_value());
        self.message.set(None);
        self.subject.set(Some(subject));
        self.is_asking.set(true);
    }
}

/// Whether the server will do it with the password.
fn wants_password(error: &ApiError) -> bool {
    matches!(
        error,
        ApiError::ConfirmationRequired | ApiError::WrongPassword
    )
}
