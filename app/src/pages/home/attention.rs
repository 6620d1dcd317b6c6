//! What the person should look at.

use leptos::prelude::*;

use crate::{
    components::{
        icon::{Icon, Shape},
        time::Time,
    },
    routes,
    text::{Text, text},
    wire::{
        Moment,
        device::DeviceCard,
        home::{Attention, Failures},
    },
    wording,
};

/// From this number of new devices on they are counted, not listed.
const MANY: usize = 3;

/// A line for each thing that the person should look at, or one quiet line. Script reads the part again when the
/// person's sessions change (`renew.js`).
#[component]
pub(super) fn AttentionList(attention: Attention) -> impl IntoView {
    let text = text();
    let calm = attention.is_empty().then(|| {
        view! {
            <p class="attention__calm">
                <Icon shape=Shape::Check/>
                <span>{text.home_calm()}</span>
            </p>
        }
    });
    let failures = attention
        .failures
        .map(|failures| view! { <FailedLogIns failures/> });
    let end = attention.ends_at.map(|at| {
        let words = text.home_ends(&at.phrase);
        view! { <Line moment=at words/> }
    });
    view! {
        <div class="attention" id="home-attention" role="status" data-renewed="devices">
            {calm}
            {new_devices(text, attention.new_devices)}
            {failures}
            {end}
        </div>
    }
}

fn new_devices(text: Text, devices: Vec<DeviceCard>) -> impl IntoView {
    let link = || (routes::DEVICES, text.home_new_log_in_link());
    let count = devices.len();
    if count < MANY {
        let told = |device: DeviceCard| {
            let words = new_log_in(text, &device);
            view! { <Line moment=device.logged_in_at words link=link()/> }
        };
        return devices.into_iter().map(told).collect_view().into_any();
    }
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let counted = |last: DeviceCard| {
        let words = text.home_new_log_ins(count, &last.logged_in_at.phrase);
        view! { <Line moment=last.logged_in_at words link=link()/> }
    };
    devices.into_iter().next().map(counted).into_any()
}

/// "New log-in: Safari on iPhone, Germany (approximate), today at 22:43."
fn new_log_in(text: Text, device: &DeviceCard) -> String {
    let section = crate::text::device();
    let name = wording::device_name_in_full(section, &device.name);
    let when = &device.logged_in_at.phrase;
    let address = device.address.as_ref();
    match address.and_then(|address| address.place.as_ref()) {
        Some(place) => text.home_new_log_in_at(&name, &wording::place(section, place), when),
        None => text.home_new_log_in(&name, when),
    }
}

#[component]
fn FailedLogIns(failures: Failures) -> impl IntoView {
    let text = text();
    let Failures { count, last_at } = failures;
    let words = text.home_failures(count, &last_at.phrase);
    view! { <Line moment=last_at words link=(routes::ACTIVITY, text.home_failures_link())/> }
}

/// A sentence about a moment, and where to look.
#[component]
fn Line(
    moment: Moment,
    words: String,
    #[prop(optional)] link: Option<(&'static str, &'static str)>,
) -> impl IntoView {
    let link = link.map(|(href, label)| view! { <a class="button" href=href>{label}</a> });
    view! {
        <div class="notice notice--attention">
            <Icon shape=Shape::Warning/>
            <p><Time moment words/></p>
            {link}
        </div>
    }
}
