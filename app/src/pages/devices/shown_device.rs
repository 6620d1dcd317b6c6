//! A device in the list, as the browser keeps it.

use leptos::prelude::*;

use crate::{text, wire::device::DeviceCard, wording};

/// The element id of a device's card.
pub(super) fn element_id(device: &str) -> String {
    ["device-", device].concat()
}

/// A device in the list. The card changes with the list; the device stays the same.
#[derive(Clone)]
pub(super) struct ShownDevice {
    pub id: String,
    pub card: ArcRwSignal<DeviceCard>,
}

impl From<DeviceCard> for ShownDevice {
    fn from(card: DeviceCard) -> Self {
        Self {
            id: card.id.clone(),
            card: ArcRwSignal::new(card),
        }
    }
}

impl ShownDevice {
    pub fn is_current(&self) -> bool {
        self.card.with(|card| card.is_current)
    }

    pub fn name(&self) -> String {
        let card = self.card.read_untracked();
        wording::device_name_in_full(text::device(), &card.name)
    }
}
