//! My Profile, Devices: where the person is logged in, and how to revoke a device.

mod board;
mod device_board;
mod revoke_dialog;

use leptos::{either::Either, prelude::*};

use super::Page;
use crate::{
    api::device::{NameDevice, device_overview},
    audience::Audience,
    components::{
        device_item::DeviceItem, ended_item::EndedItem, failure::Failure, loading::Loading,
    },
    live::{DEVICES_HEADING, Other},
    page, routes,
    text::{Text, text},
    wire::device::{DeviceCard, EndedDevice},
    wording,
};
use board::Start;
use device_board::DeviceBoard;

const ENDED: &str = "ended-heading";

/// My Profile, Devices.
pub const PAGE: Page = Page::new(
    routes::DEVICES,
    Audience::Person,
    Text::profile_devices,
    || Devices().into_any(),
)
.in_profile();

/// The tab "Devices". The server renders the cards; the board around them asks and revokes.
#[component]
fn Devices() -> impl IntoView {
    let text = text();
    let overview = Resource::new(|| (), |()| device_overview());
    view! {
        <section class="section" aria-labelledby=DEVICES_HEADING>
            <h2 class="section-heading" id=DEVICES_HEADING tabindex="-1">{text.devices_title()}</h2>
            <p class="lead">{text.devices_lead()}</p>
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match &*overview.by_ref().await {
                        Ok(overview) => {
                            let (cards, count) = (overview.cards.clone(), overview.count);
                            Either::Left(view! { <DeviceList cards count/> })
                        }
                        Err(error) => Either::Right(view! { <Failure error=error.clone()/> }),
                    }
                })}
            </Suspense>
        </section>
        <Suspense>
            {move || Suspend::new(async move {
                let overview = overview.by_ref().await;
                let ended = overview.as_ref().map_or(&[][..], |overview| &overview.ended);
                let ended = (!ended.is_empty()).then(|| ended.to_vec());
                ended.map(|ended| view! { <EndedDevices ended/> })
            })}
        </Suspense>
    }
}

/// The recently ended sessions. A person who suspects a stranger also looks here.
#[component]
fn EndedDevices(ended: Vec<EndedDevice>) -> impl IntoView {
    let items = ended
        .into_iter()
        .map(|device| view! { <li><EndedItem device/></li> })
        .collect_view();
    view! {
        <section class="section" aria-labelledby=ENDED>
            <h2 class="section-heading" id=ENDED>{text().ended_title()}</h2>
            <ul class="devices devices--ended" role="list">{items}</ul>
        </section>
    }
}

#[component]
fn DeviceList(cards: Vec<DeviceCard>, count: u32) -> impl IntoView {
    let text = text();
    let listed = u32::try_from(cards.len()).unwrap_or(u32::MAX);
    let unlisted = count.saturating_sub(listed);
    let others = cards
        .iter()
        .filter(|card| !card.is_current)
        .map(|card| Other {
            id: card.id.clone(),
            name: wording::device_name_in_full(text, &card.name),
        })
        .collect();
    let typed_for = page::posted_field::<NameDevice>("id");
    let typed = page::posted_field::<NameDevice>("device_name");
    let items = cards
        .into_iter()
        .map(|card| {
            let typed = typed
                .clone()
                .filter(|_| typed_for.as_ref() == Some(&card.id));
            view! { <li><DeviceItem card typed/></li> }
        })
        .collect_view();
    view! {
        <DeviceBoard others unlisted start=Start::read()>
            <ul class="devices" role="list" aria-label=text.devices_list() data-unlisted=unlisted>
                {items}
            </ul>
        </DeviceBoard>
    }
}
