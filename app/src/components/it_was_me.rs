//! The button "It was me" of a new device.

use leptos::prelude::*;

use crate::{page, text};

/// The form says that the person has logged in on the device. With script `renew.js` sends it in place.
#[component]
pub fn ItWasMe(
    /// The id of the session on the device.
    device: String,
    /// The element that names the device.
    described_by: String,
) -> impl IntoView {
    view! {
        <form method="post" action=page::form_address("/api/acknowledge_device") data-in-place="">
            <input type="hidden" name="id" value=device/>
            <button class="button" type="submit" aria-describedby=described_by>
                {text::device().it_was_me()}
            </button>
        </form>
    }
}
