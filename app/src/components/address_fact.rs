//! An address as a fact of a list.

use leptos::prelude::*;

use crate::{text, wire::device::Address, wording};

/// An address as in "203.0.113.7", with its place if that is known.
#[component]
pub fn AddressFact(address: Address) -> impl IntoView {
    let place = address
        .place
        .as_ref()
        .map(|place| wording::place(text::device(), place));
    view! {
        {place.map(|place| view! { <li>{place}</li> })}
        <li class="device__address"><bdi>{address.text}</bdi></li>
    }
}
