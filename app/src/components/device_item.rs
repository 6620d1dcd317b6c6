//! One device on the Devices page.

use leptos::prelude::*;

use super::{device_label::DeviceLabel, icon::NamedIcon, log_out_form::LogOutForm, time::Time};
use crate::{
    routes,
    text::{self, text},
    wire::device::{Address, DeviceCard},
    wording,
};

/// The element id of a device's card.
pub fn element_id(device: &str) -> String {
    ["device-", device].concat()
}

/// Longest name, as an attribute. The browser counts UTF-16 units, which is a little stricter than the server.
const MOST_CHARACTERS: &str = "64";

/// The value that a question about all other devices has instead of a device's id.
pub const ALL_OTHERS: &str = "others";

/// A card: what the device is, where it is, since when it is logged in, and how to revoke it.
#[component]
pub fn DeviceItem(
    card: DeviceCard,
    /// A refused name, as typed.
    typed: Option<String>,
) -> impl IntoView {
    let text = text();
    let id = element_id(&card.id);
    let name_id = [&id, "-name"].concat();
    let name = card.name.clone();
    let recognised = wording::recognised_as(text, &card.name);
    let full_name = wording::device_name_in_full(text, &card.name);
    let recognised_id = [&id, "-recognised"].concat();
    let named_by = match &recognised {
        Some(_) => [&name_id, " ", &recognised_id].concat(),
        None => name_id.clone(),
    };
    let given = card.name.given.clone().unwrap_or_default();
    let version = wording::browser_version(text, &card);
    let address = card
        .address
        .clone()
        .map(|address| view! { <AddressFact address/> });
    let activity = wording::activity(text, &card);
    let logged_in = text.device_logged_in(&card.logged_in_at.phrase);
    let ends = wording::end(text, &card);
    let elsewhere = wording::other_addresses(text, &card);
    let action = if card.is_current {
        view! { <LogOutForm class="button"/> }.into_any()
    } else {
        view! {
            <AskForm about=card.id.clone() device=full_name named_by=named_by.clone()>
                {text::revoke().submit()}
            </AskForm>
        }
        .into_any()
    };

    view! {
        <article
            class="device"
            class:device--current=card.is_current
            id=id.clone()
            tabindex="-1"
            aria-labelledby=name_id.clone()
        >
            <div class="device__icon">
                <NamedIcon shape=card.kind.into() name=wording::device_kind(text, card.kind)/>
            </div>
            <div class="device__body">
                <h3 class="device__name" id=name_id.clone()><DeviceLabel name/></h3>
                {card.is_current.then(|| view! { <span class="badge">{text.device_this()}</span> })}
                {card.is_new.then(|| view! { <span class="badge">{text.device_new()}</span> })}
                {card
                    .computer
                    .is_shared()
                    .then(|| view! { <span class="badge">{text.device_shared()}</span> })}
                {recognised.map(|recognised| view! { <p class="device__recognised" id=recognised_id>{recognised}</p> })}
                <ul class="device__facts" role="list">
                    <li><Time moment=card.last_active_at words=activity/></li>
                    {version.map(|version| view! { <li>{version}</li> })}
                    {address}
                </ul>
                <ul class="device__facts device__facts--quiet" role="list">
                    <li><Time moment=card.logged_in_at words=logged_in/></li>
                    <li><Time moment=card.expires_at words=ends/></li>
                    <li>{wording::authenticated_by(text, card.authenticated_by)}</li>
                    {elsewhere.map(|elsewhere| view! { <li>{elsewhere}</li> })}
                </ul>
            </div>
            <div class="device__action">{action}</div>
            <NamingForm card=id.clone() device=card.id.clone() given typed named_by/>
        </article>
    }
    .into_any()
}

/// The form for the device's name. It opens without script. With script the board around it handles the
/// submit, and the page stays.
#[component]
fn NamingForm(
    /// The element id of the card.
    card: String,
    /// The device's id.
    device: String,
    /// The present name.
    given: String,
    /// A refused name, as typed.
    typed: Option<String>,
    /// The ids of the elements that name the device.
    named_by: String,
) -> impl IntoView {
    let text = text();
    let is_open = typed.is_some();
    let rename = [&card, "-rename"].concat();
    let label = [&rename, " ", &named_by].concat();
    let field = [&card, "-given"].concat();
    let hint = [&card, "-hint"].concat();
    view! {
        <details class="device__naming" open=is_open>
            <summary class="device__rename" id=rename aria-labelledby=label>
                {text.device_rename()}
            </summary>
            <form class="device__name-form" method="post" action="/api/name_device">
                <input type="hidden" name="id" value=device/>
                <div class="field">
                    <label class="field__label" for=field.clone()>{text.device_rename_label()}</label>
                    <p class="field__hint" id=hint.clone()>{text.device_rename_hint()}</p>
                    <input
                        class="field__input"
                        id=field
                        name="device_name"
                        type="text"
                        dir="auto"
                        value=typed.unwrap_or(given)
                        maxlength=MOST_CHARACTERS
                        autocomplete="off"
                        aria-describedby=hint
                    />
                </div>
                <button class="button" type="submit">{text.device_rename_submit()}</button>
            </form>
        </details>
    }
}

/// An address as in "203.0.113.7", with its place if that is known.
#[component]
pub fn AddressFact(address: Address) -> impl IntoView {
    let place = address
        .place
        .as_ref()
        .map(|place| wording::place(text(), place));
    view! {
        {place.map(|place| view! { <li>{place}</li> })}
        <li class="device__address"><bdi>{address.text}</bdi></li>
    }
}

/// A form that leads to the question whether to revoke. Without script it loads the same page with the
/// question. With script the board around it handles the submit and asks at once.
#[component]
pub fn AskForm<C: IntoView + 'static>(
    /// A device's id, or [`ALL_OTHERS`].
    about: String,
    /// The device's name in the question.
    #[prop(optional)]
    device: Option<String>,
    /// The ids of the elements that name the device. They are a part of the button's name, so that a screen
    /// reader's list of buttons tells the devices apart.
    #[prop(optional)]
    named_by: Option<String>,
    children: TypedChildren<C>,
) -> impl IntoView {
    let button = ["ask-", &about].concat();
    let label = named_by.map(|names| [&button, " ", &names].concat());
    view! {
        <form method="get" action=routes::DEVICES>
            <input type="hidden" name="revoke" value=about data-device=device/>
            <button class="button" type="submit" id=button aria-labelledby=label>
                {children.into_inner()()}
            </button>
        </form>
    }
}
