//! The devices that are no longer logged in.

use latchkey_words::MOST_ENDED;
use leptos::prelude::*;

use crate::{
    components::{
        address_fact::AddressFact, device_label::DeviceLabel, icon::NamedIcon, time::Time,
    },
    text::{self, DevicesText},
    wire::device::EndedDevice,
    wording,
};

/// The recently ended sessions, folded away. A person who suspects a stranger also looks here.
#[component]
pub(super) fn EndedDevices(ended: RwSignal<Vec<EndedDevice>>) -> impl IntoView {
    let text = text::devices();
    let items = move || {
        let ended = ended.get().into_iter();
        ended
            .map(|device| view! { <li><EndedItem device/></li> })
            .collect_view()
    };
    view! {
        <details class="ended" hidden=move || ended.with(Vec::is_empty)>
            <summary class="ended__summary">
                <h2 class="ended__title">
                    {move || heading(text, ended.with(Vec::len))}
                </h2>
            </summary>
            <ul class="ended__list" role="list">{items}</ul>
        </details>
    }
}

/// The heading with the number of devices. A full list may lack older ones.
fn heading(text: DevicesText, listed: usize) -> String {
    let number = listed.to_string();
    if u32::try_from(listed).is_ok_and(|listed| listed < MOST_ENDED) {
        text.ended(&number)
    } else {
        text.ended_latest(&number)
    }
}

/// The device, its address, and when, why and by which device its session ended.
#[component]
fn EndedItem(device: EndedDevice) -> impl IntoView {
    let text = text::device();
    let address = device
        .address
        .map(|address| view! { <AddressFact address/> });
    let recognised = wording::recognised_as(text, &device.name);
    let ended = text::ended().at(&device.ended_at.phrase);
    let logged_in = text.logged_in(&device.logged_in_at.phrase);
    view! {
        <div class="ended__device">
            <div class="ended__icon">
                <NamedIcon shape=device.kind.into() name=wording::device_kind(text, device.kind)/>
            </div>
            <div>
                <h3 class="device__name"><DeviceLabel name=device.name/></h3>
                <ul class="device__facts device__facts--quiet" role="list">
                    {recognised.map(|recognised| view! { <li>{recognised}</li> })}
                    <li><Time moment=device.ended_at words=ended/></li>
                    <li>{wording::end_cause(text::ended(), &device.end)}</li>
                    <li><Time moment=device.logged_in_at words=logged_in/></li>
                    {address}
                </ul>
            </div>
        </div>
    }
}
