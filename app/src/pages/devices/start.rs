//! The initial state of the Devices page, and the outcome of its forms without script.

use serde::{Deserialize, Serialize};

use super::naming::RefusedName;
use crate::{
    api::device::{AcknowledgeDevice, NameDevice, RevokeDevice, RevokeOtherDevices},
    page, routes,
    text::DevicesText,
    wire::ApiError,
};

/// The field that the form for the ticked devices has besides the ticks.
pub(super) const SELECTED: &str = "selected";

/// The value that a question about all other devices has instead of a device's id.
pub(super) const ALL_OTHERS: &str = "others";

/// The initial state of the page, for people without script.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Start {
    /// The devices to ask about, or all others: from `?revoke=…`, or from a refused form.
    pub(super) revoke: Option<String>,
    /// The outcome of the last form.
    pub(super) outcome: Option<Outcome>,
    /// The error of a form that revokes.
    pub(super) error: Option<ApiError>,
    /// The refused name of a device.
    pub(super) refused: Option<RefusedName>,
    /// The text to search for: from `?search=…`.
    pub(super) search: String,
    /// Whether to show only what was not used for long: from `?unused`.
    pub(super) only_unused: bool,
    /// The page with the same search that does the opposite, for people without script.
    pub(super) filter: String,
    /// Whether a long list is shown whole: from `?all`. Without script the page shows all that a search has found.
    pub(super) shows_all: bool,
}

/// The outcome of a form.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum Outcome {
    Revoked,
    /// The number of revoked devices.
    RevokedOthers(u32),
    Named,
    Acknowledged,
    /// The device that the form was about is gone.
    Gone,
    /// The form for the ticked devices had no tick: from `?selected`.
    NoneSelected,
}

impl Start {
    /// The initial state of the page that is being rendered.
    pub fn read() -> Self {
        let one = page::posted_error::<RevokeDevice>();
        let others = page::posted_error::<RevokeOtherDevices>();
        let revoke = match &others {
            Some(_) => Some(ALL_OTHERS.to_owned()),
            None => page::posted_field::<RevokeDevice>("id"),
        };
        let refused = page::posted_error::<NameDevice>().map(|error| RefusedName {
            device: page::posted_field::<NameDevice>("id").unwrap_or_default(),
            typed: page::posted_field::<NameDevice>("device_name"),
            error,
        });
        let search = page::query("search").unwrap_or_default();
        let only_unused = page::query("unused").is_some();
        let revoke = revoke.or_else(|| page::queries("revoke"));
        Self {
            outcome: Outcome::read().or_else(|| {
                let is_none = revoke.is_none() && page::query(SELECTED).is_some();
                is_none.then_some(Outcome::NoneSelected)
            }),
            revoke,
            error: one.or(others),
            refused,
            shows_all: page::query("all").is_some() || only_unused || !search.is_empty(),
            filter: routes::devices(&search, !only_unused),
            search,
            only_unused,
        }
    }
}

impl Outcome {
    fn read() -> Option<Self> {
        let one = page::posted_done::<RevokeDevice>().map(|count| match count {
            0 | 1 => Self::Revoked,
            several => Self::RevokedOthers(several),
        });
        let others = || page::posted_done::<RevokeOtherDevices>().map(Self::RevokedOthers);
        let named = || page::posted_done::<NameDevice>().map(|_| Self::Named);
        let mine = || page::posted_done::<AcknowledgeDevice>().map(|_| Self::Acknowledged);
        let gone = || page::posted_error::<AcknowledgeDevice>().map(|_| Self::Gone);
        one.or_else(others)
            .or_else(named)
            .or_else(mine)
            .or_else(gone)
    }

    pub(super) fn words(self, text: DevicesText) -> String {
        match self {
            Self::Revoked => text.revoked_device().to_owned(),
            Self::RevokedOthers(count) => text.revoked_count(count),
            Self::Named => text.saved().to_owned(),
            Self::Acknowledged => text.acknowledged().to_owned(),
            Self::Gone => text.gone().to_owned(),
            Self::NoneSelected => text.none_selected().to_owned(),
        }
    }
}
