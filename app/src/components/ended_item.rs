//! A device that is no longer logged in.

use leptos::prelude::*;

use super::{device_item::AddressFact, device_label::DeviceLabel, icon::NamedIcon, time::Time};
use crate::{text::text, wire::device::EndedDevice, wording};

/// The device, its address, and when, why and by which device its session ended.
#[component]
pub fn EndedItem(device: EndedDevice) -> impl IntoView {
    let text = text();
    let address = device
        .address
        .map(|address| view! { <AddressFact address/> });
    let recognised = wording::recognised_as(text, &device.name);
    let ended = text.ended_at(&device.ended_at.phrase);
    let logged_in = text.device_logged_in(&device.logged_in_at.phrase);
    view! {
        <article class="device device--ended">
            <div class="device__icon">
                <NamedIcon shape=device.kind.into() name=wording::device_kind(text, device.kind)/>
            </div>
            <div class="device__body">
                <h3 class="device__name"><DeviceLabel name=device.name/></h3>
                {recognised.map(|recognised| view! { <p class="device__recognised">{recognised}</p> })}
                <ul class="device__facts" role="list">
                    <li><Time moment=device.ended_at words=ended/></li>
                    <li>{wording::end_cause(text, &device.end)}</li>
                </ul>
                <ul class="device__facts device__facts--quiet" role="list">
                    <li><Time moment=device.logged_in_at words=logged_in/></li>
                    {address}
                </ul>
            </div>
        </article>
    }
    .into_any()
}
