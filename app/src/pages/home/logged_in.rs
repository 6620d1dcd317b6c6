//! Where the person is logged in.

use leptos::prelude::*;

use crate::{
    components::{
        device_label::DeviceLabel,
        icon::{Icon, NamedIcon, Shape},
        time::Time,
    },
    routes, text,
    wire::device::DeviceCard,
    wording,
};

const HEADING: &str = "home-devices";

/// This device, some others, and the way to all. Script reads the part again when the person's sessions
/// change, and each minute, because the words count minutes.
#[component]
pub(super) fn LoggedIn(
    devices: Vec<DeviceCard>,
    /// The number of all devices.
    count: u32,
) -> impl IntoView {
    let text = text::text();
    let rows = devices
        .into_iter()
        .map(|device| view! { <li class="row"><DeviceRow device/></li> })
        .collect_view();
    view! {
        <section class="panel" id="home-where" aria-labelledby=HEADING data-renewed="devices" data-ages="">
            <h2 class="panel__title" id=HEADING>{text.home_devices(&count.to_string())}</h2>
            <ul class="rows" role="list">{rows}</ul>
            <a class="onward" id="home-devices-link" href=routes::DEVICES>
                <span>{text.home_devices_link()}</span>
                <Icon shape=Shape::ChevronRight/>
            </a>
        </section>
    }
}

/// A device, when it was used, and where.
#[component]
fn DeviceRow(device: DeviceCard) -> impl IntoView {
    let text = text::device();
    let activity = wording::activity(text, &device, 0);
    let place = device.address.and_then(|address| {
        let place = address.place.as_ref();
        place.map(|place| wording::place(text, place))
    });
    let badges = [
        device.is_current.then(|| ("badge", text.this())),
        device
            .is_new
            .then(|| ("badge badge--notice", text.recent())),
    ]
    .into_iter()
    .flatten()
    .map(|(class, badge)| view! { <span class=class>{badge}</span> })
    .collect_view();
    view! {
        <div class="device__icon">
            <NamedIcon shape=device.kind.into() name=wording::device_kind(text, device.kind)/>
        </div>
        <div class="row__body">
            <div class="device__title">
                <strong class="device__name"><DeviceLabel name=device.name/></strong>
                {badges}
            </div>
            <ul class="device__facts device__facts--quiet" role="list">
                <li><Time moment=device.last_active_at words=activity/></li>
                {place.map(|place| view! { <li>{place}</li> })}
            </ul>
        </div>
    }
    .into_any()
}
