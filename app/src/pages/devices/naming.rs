//! Naming a device.

use leptos::{ev::SubmitEvent, prelude::*, server_fn::ServerFn};
use serde::{Deserialize, Serialize};

use crate::{api::device::NameDevice, browser, text, wire::ApiError, wording};

/// A name that the server has refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RefusedName {
    pub device: String,
    /// As typed; `None` once the form shows the text itself.
    pub typed: Option<String>,
    pub error: ApiError,
}

/// The naming of devices. Each field is a handle.
#[derive(Clone, Copy)]
pub(super) struct Naming {
    /// The last name that was refused.
    refused: RwSignal<Option<RefusedName>>,
    /// The message of the page.
    message: RwSignal<Option<String>>,
    /// Updates the list at once.
    pub update: StoredValue<Option<Callback<()>>>,
}

impl Naming {
    pub fn new(refused: Option<RefusedName>, message: RwSignal<Option<String>>) -> Self {
        Self {
            refused: RwSignal::new(refused),
            message,
            update: StoredValue::new(None),
        }
    }

    /// The refused name of a device, as typed.
    pub fn refused_name(self, device: &str) -> Option<String> {
        let refused = self.refused.read_untracked();
        let of_device = refused.as_ref().filter(|refused| refused.device == device);
        of_device?.typed.clone()
    }

    /// The error of a device's last name.
    pub fn naming_error_of(self, device: &str) -> Option<ApiError> {
        let refused = self.refused.read();
        let of_device = refused.as_ref().filter(|refused| refused.device == device);
        Some(of_device?.error.clone())
    }

    /// Forgets the last name that was refused.
    pub fn forget_refused(self) {
        self.refused.set(None);
    }

    /// Updates the list at once.
    pub fn update_list(self) {
        if let Some(Some(update)) = self.update.try_get_value() {
            update.run(());
        }
    }

    /// Sends the form that names a device as typed in its field, and updates the list.
    pub fn name(self, event: &SubmitEvent, device: String, field: String) {
        let Some(name) = browser::input(&field) else {
            return;
        };
        self.message.set(None);
        self.refused.set(None);
        browser::wait_for_form_around(&field, true);
        let answered = move |answer| {
            browser::wait_for_form_around(&field, false);
            match ApiError::read(answer) {
                Ok(()) => {
                    browser::close_details_around(&field);
                    let _ = self.message.try_set(Some(renamed(&name)));
                    self.update_list();
                }
                Err(error) => {
                    let typed = None;
                    let refused = RefusedName {
                        device,
                        typed,
                        error,
                    };
                    let _ = self.refused.try_set(Some(refused));
                }
            }
        };
        browser::post(event, NameDevice::PATH, Box::new(answered));
    }
}

/// The news after a device was named. An empty name takes the given name away.
fn renamed(typed: &str) -> String {
    let text = text::devices();
    match typed.trim() {
        "" => text.unnamed().to_owned(),
        name => text.renamed(&wording::isolated(name)),
    }
}
