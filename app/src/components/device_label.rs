//! The name of a device.

use leptos::{either::Either, prelude::*};

use crate::{text, wire::device::DeviceTitle, wording};

/// The given name, which keeps its own direction of writing, else "Firefox on Linux".
#[component]
pub fn DeviceLabel(name: DeviceTitle) -> impl IntoView {
    match name.given {
        Some(given) => Either::Left(view! { <bdi>{given}</bdi> }),
        None => Either::Right(wording::device_name(text::device(), &name)),
    }
}
