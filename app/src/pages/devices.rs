//! My Profile, Devices: where the person is logged in, and how to revoke a device.

mod board;
mod device_board;
mod device_item;
mod ended_devices;
mod naming;
mod naming_form;
mod question;
mod revoke_dialog;
mod selection;
mod shown_device;
mod start;

use leptos::{either::Either, prelude::*};

use super::Page;
use crate::{
    api::device::device_overview,
    audience::Audience,
    components::{failure::Failure, loading::Loading},
    routes,
    text::{Text, text},
    wire::ApiError,
};
use device_board::DeviceBoard;
use start::Start;

/// My Profile, Devices.
pub const PAGE: Page = Page::new(
    routes::DEVICES,
    Audience::Person,
    Text::profile_devices,
    || Devices().into_any(),
)
.in_profile();

/// The tab "Devices". The server renders the list, and the browser takes it over.
#[component]
fn Devices() -> impl IntoView {
    let text = text();
    let overview = Resource::new(|| (), |()| device_overview());
    view! {
        <section class="section" aria-label=text.profile_devices()>
            <p class="lead">{text.devices_lead()}</p>
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match overview.await.and_then(|overview| overview.ok_or(ApiError::LoggedOut)) {
                        Ok(overview) => {
                            let start = Start::read();
                            Either::Left(view! { <DeviceBoard overview start/> })
                        }
                        Err(error) => Either::Right(view! { <Failure error/> }),
                    }
                })}
            </Suspense>
        </section>
    }
}
