//! Log-ins on devices that are new to the account, on every page of the person.

use latchkey_words::MOST_LISTED;
use leptos::prelude::*;

use super::{
    icon::{Icon, Shape},
    it_was_me::ItWasMe,
    time::Time,
};
use crate::{
    routes,
    text::{self, Text, text},
    wire::{Moment, device::DeviceCard},
    wording,
};

/// The element id of the part of a page that tells of new devices. Home has the part, too, and script renews the part of
/// every page from there.
pub const NEWS: &str = "news";

/// From this number of new devices on they are counted, not listed.
const MANY: usize = 3;

/// A line for each device, the latest log-in first: what it is, and what the person can do.
#[component]
pub fn NewLogIns(devices: Vec<DeviceCard>) -> impl IntoView {
    if devices.len() < MANY {
        let line = |device| view! { <NewLogIn device/> };
        return devices.into_iter().map(line).collect_view().into_any();
    }
    let text = text();
    let count = u32::try_from(devices.len()).unwrap_or(u32::MAX);
    let counted = |last: DeviceCard| {
        let when = &last.logged_in_at.phrase;
        // The list lacks this device, and ends.
        let words = if count < MOST_LISTED - 1 {
            text.home_new_log_ins(count, when)
        } else {
            text.home_new_log_ins_at_least(&count.to_string(), when)
        };
        view! {
            <Attention moment=last.logged_in_at words>
                <a class="button" href=routes::DEVICES>{text.home_new_log_in_link()}</a>
            </Attention>
        }
    };
    devices.into_iter().next().map(counted).into_any()
}

#[component]
fn NewLogIn(device: DeviceCard) -> impl IntoView {
    let text = text();
    let words = new_log_in(text, &device);
    let said = ["new-log-in-", &device.id].concat();
    let revoke = routes::revoke_device(&device.id);
    let is_mine = device.can_be_acknowledged.then(|| {
        view! { <ItWasMe device=device.id described_by=said.clone()/> }
    });
    view! {
        <Attention moment=device.logged_in_at words id=said.clone()>
            {is_mine}
            <a class="button" href=revoke aria-describedby=said>{text::revoke().submit()}</a>
        </Attention>
    }
}

/// "New log-in: Safari on iPhone, Germany (approximate), today at 22:43."
fn new_log_in(text: Text, device: &DeviceCard) -> String {
    let section = text::device();
    let name = wording::device_name_in_full(section, &device.name);
    let when = &device.logged_in_at.phrase;
    let address = device.address.as_ref();
    match address.and_then(|address| address.place.as_ref()) {
        Some(place) => text.home_new_log_in_at(&name, &wording::place(section, place), when),
        None => text.home_new_log_in(&name, when),
    }
}

/// A sentence about a moment, and what the person can do.
#[component]
pub fn Attention(
    moment: Moment,
    words: String,
    /// The element id of the sentence.
    #[prop(optional)]
    id: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="notice notice--attention">
            <Icon shape=Shape::Warning/>
            <p id=id><Time moment words/></p>
            {children.map(|children| view! { <div class="notice__actions">{children()}</div> })}
        </div>
    }
}
