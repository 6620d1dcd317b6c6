//! One device on the Devices page.

use leptos::{ev::SubmitEvent, prelude::*};

use super::{icon::NamedIcon, log_out_form::LogOutForm, time::Time};
use crate::{
    api::device::{Address, DeviceCard},
    routes,
    text::text,
    wording,
};

/// The element id of a device's card.
pub fn element_id(device: &str) -> String {
    ["device-", device].concat()
}

/// A card: what it is, where, since when, and how to end it.
#[component]
pub fn DeviceItem(
    card: DeviceCard,
    /// Asks whether to revoke it.
    on_revoke: Callback<DeviceCard>,
) -> impl IntoView {
    let text = text();
    let id = element_id(&card.id);
    let name_id = [&id, "-name"].concat();
    let name = wording::device_name(text, &card.name);
    let version = wording::browser_version(text, &card);
    let address = card
        .address
        .clone()
        .map(|address| view! { <AddressFact address/> });
    let activity = wording::activity(text, &card);
    let signed_in = text.device_signed_in(&card.signed_in_at.text);
    let ends = text.device_ends(&card.expires_at.text);
    let action = if card.is_current {
        view! { <LogOutForm class="button"/> }.into_any()
    } else {
        view! { <RevokeForm card=card.clone() name_id=name_id.clone() on_revoke/> }.into_any()
    };

    view! {
        <article
            class="device"
            class:device--current=card.is_current
            id=id
            tabindex="-1"
            aria-labelledby=name_id
        >
            <div class="device__icon">
                <NamedIcon shape=card.kind.into() name=wording::device_kind(text, card.kind)/>
            </div>
            <div class="device__body">
                <h3 class="device__name" id=name_id.clone()>{name}</h3>
                {card.is_current.then(|| view! { <span class="badge">{text.device_this()}</span> })}
                <ul class="device__facts" role="list">
                    <li><Time moment=card.last_active_at words=activity/></li>
                    {version.map(|version| view! { <li>{version}</li> })}
                    {address}
                </ul>
                <ul class="device__facts device__facts--quiet" role="list">
                    <li><Time moment=card.signed_in_at words=signed_in/></li>
                    <li><Time moment=card.expires_at words=ends/></li>
                    <li>{wording::authenticated_by(text, card.authenticated_by)}</li>
                </ul>
            </div>
            <div class="device__action">{action}</div>
        </article>
    }
    .into_any()
}

/// "203.0.113.7", or "192.168.1.5" and that it is in the local network.
#[component]
fn AddressFact(address: Address) -> impl IntoView {
    let local = address.is_local.then(|| text().device_local());
    view! {
        {local.map(|local| view! { <li>{local}</li> })}
        <li class="device__address">{address.text}</li>
    }
}

/// Leads to the question. Without script it is the same page with the question in it.
#[component]
fn RevokeForm(card: DeviceCard, name_id: String, on_revoke: Callback<DeviceCard>) -> impl IntoView {
    let id = card.id.clone();
    let ask = move |event: SubmitEvent| {
        event.prevent_default();
        on_revoke.run(card.clone());
    };
    view! {
        <form method="get" action=routes::DEVICES on:submit=ask>
            <input type="hidden" name="revoke" value=id/>
            <button class="button" type="submit" aria-describedby=name_id>
                {text().devices_revoke()}
            </button>
        </form>
    }
}
