//! An event on the Activity page.

use leptos::prelude::*;

use super::{address_fact::AddressFact, device_label::DeviceLabel, time::Time};
use crate::{
    text::text,
    wire::activity::{ActivityEntry, ActivityKind},
    wording,
};

/// The event with its time, device and address. Events that the person should check stand out.
#[component]
pub fn ActivityItem(entry: ActivityEntry) -> impl IntoView {
    let text = text();
    let what = wording::activity_kind(text, &entry.kind);
    let is_notable = matches!(
        entry.kind,
        ActivityKind::WrongPassword
            | ActivityKind::Disabled
            | ActivityKind::Denied
            | ActivityKind::Throttled
            | ActivityKind::WrongCurrentPassword
    );
    let when = entry.at.text.clone();
    let device = entry.device.map(|name| view! { <DeviceLabel name/> });
    let address = entry
        .address
        .map(|address| view! { <AddressFact address/> });
    view! {
        <article class="activity" class:activity--notable=is_notable>
            <h3 class="activity__what">{what}</h3>
            <ul class="device__facts device__facts--quiet" role="list">
                <li><Time moment=entry.at words=when/></li>
                {device.map(|device| view! { <li>{device}</li> })}
                {address}
            </ul>
        </article>
    }
    .into_any()
}
