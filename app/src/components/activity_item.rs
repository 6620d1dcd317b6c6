//! An event of the account.

use leptos::prelude::*;

use super::{
    address_fact::AddressFact,
    device_label::DeviceLabel,
    icon::{Icon, Shape},
    time::Time,
};
use crate::{
    text::text,
    wire::{
        activity::{ActivityEntry, ActivityKind},
        device::DeviceTitle,
    },
    wording,
};

/// The number of devices that an event names among events of several days. Activity names all of them.
const MOST_DEVICES: usize = 3;

/// What stands around an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Among {
    /// Events of one day: the event shows its time in a column.
    Day,
    /// Events of several days: the event names its day, too.
    Days,
}

/// The event with its time, device and address. Failures stand out, and equal ones are counted.
#[component]
pub fn ActivityItem(
    entry: ActivityEntry,
    among: Among,
    /// The number of equal events that this one stands for.
    #[prop(default = 1)]
    count: u32,
    /// The devices of these events, each name once, with the number of devices of that name.
    #[prop(optional)]
    devices: Vec<(DeviceTitle, u32)>,
    /// Whether the list ends here, so that there may be more equal events.
    #[prop(optional)]
    is_cut_off: bool,
) -> impl IntoView {
    let text = text();
    let what = wording::activity_kind(text, &entry.kind, entry.device.as_ref());
    let is_failure = entry.kind.is_failure();
    let (what, cause) = match &entry.kind {
        _ if count == 1 => (what, None),
        ActivityKind::SessionEnded(end) => wording::sessions_ended(text, end, count),
        _ => (text.activity_failures(count), Some(what)),
    };
    // A failure that the person's own log-in explains does not stand out.
    let is_warning = is_failure && !entry.is_explained;
    let icon = shape(&entry.kind, is_warning);
    let explained = entry.is_explained.then(|| text.activity_explained());
    let more_behind = is_cut_off.then(|| text.activity_perhaps_more());
    // Several sessions that have ended were at several places.
    let is_whole = is_failure || count == 1;
    let is_named = is_whole && wording::names_device(&entry.kind);
    let devices = if is_named { Vec::new() } else { devices };
    let most = match among {
        Among::Day => devices.len(),
        Among::Days => MOST_DEVICES,
    };
    let has_more = devices.len() > most;
    let devices = devices
        .into_iter()
        .take(most)
        .map(|(name, count)| {
            let count = (count > 1).then(|| format!(" ({count})"));
            view! { <li><DeviceLabel name/>{count}</li> }
        })
        .collect_view();
    let more = has_more.then(|| view! { <li>"…"</li> });
    let address = entry
        .address
        .filter(|_| is_whole)
        .map(|address| view! { <AddressFact address/> });
    let (column, fact) = match among {
        Among::Day => {
            let (machine, title) = (entry.at.machine, entry.at.text);
            let time = view! {
                <time class="activity__time moment" datetime=machine title=title>
                    {entry.time}
                </time>
            };
            (Some(time), None)
        }
        Among::Days => {
            let words = wording::capitalised(&entry.at.phrase);
            (None, Some(view! { <li><Time moment=entry.at words/></li> }))
        }
    };
    view! {
        <article class="activity" class:activity--failure=is_warning>
            {column}
            <Icon shape=icon/>
            <div class="activity__body">
                <p class="activity__what">{what}</p>
                <ul class="device__facts device__facts--quiet" role="list">
                    {fact}
                    {more_behind.map(|words| view! { <li>{words}</li> })}
                    {cause.map(|cause| view! { <li>{cause}</li> })}
                    {explained.map(|explained| view! { <li>{explained}</li> })}
                    {devices}
                    {more}
                    {address}
                </ul>
            </div>
        </article>
    }
    .into_any()
}

fn shape(kind: &ActivityKind, is_warning: bool) -> Shape {
    match kind {
        _ if is_warning => Shape::Warning,
        ActivityKind::LoggedIn { .. } => Shape::LogIn,
        ActivityKind::SessionEnded(_) => Shape::LogOut,
        _ => Shape::Key,
    }
}
