//! The devices that the person has ticked, to revoke them at once.

use leptos::prelude::*;

/// The id of the form that the ticks belong to.
pub(super) const SELECTED_FORM: &str = "revoke-selected";

/// The ticked devices. Each field is a handle.
#[derive(Clone, Copy)]
pub(super) struct Selection {
    ids: RwSignal<Vec<String>>,
    /// Whether the cards have boxes to tick.
    pub is_offered: Memo<bool>,
}

impl Selection {
    /// Offers boxes in a long list.
    pub fn new(is_long: Memo<bool>) -> Self {
        let ids = RwSignal::new(Vec::new());
        Self {
            ids,
            is_offered: Memo::new(move |_| is_long.get() || ids.with(|ids| !ids.is_empty())),
        }
    }

    pub fn has(self, device: &str) -> bool {
        self.ids.with(|ids| ids.iter().any(|id| id == device))
    }

    pub fn count(self) -> usize {
        self.ids.with(Vec::len)
    }

    pub fn tick(self, device: &str, is_ticked: bool) {
        self.ids.update(|ids| {
            ids.retain(|id| id != device);
            if is_ticked {
                ids.push(device.to_owned());
            }
        });
    }

    /// Forgets devices that are no longer listed.
    pub fn keep(self, is_listed: impl Fn(&str) -> bool) {
        if self
            .ids
            .with_untracked(|ids| !ids.iter().all(|id| is_listed(id)))
        {
            self.ids.update(|ids| ids.retain(|id| is_listed(id)));
        }
    }
}
