//! The form for a device's name.

use leptos::{
    ev::{Event, KeyboardEvent, SubmitEvent},
    prelude::*,
};

use super::naming::Naming;
use crate::{
    browser,
    components::{
        error_alert::ErrorAlert,
        icon::{Icon, Shape},
    },
    page, text,
    wire::{ApiError, device::DeviceCard},
};

/// The id of the error. At most one form has one.
const ERROR: &str = "naming-error";

/// A pencil beside the name opens the form, also without script. With script the page stays, and Escape closes the form.
#[component]
pub(super) fn NamingForm(
    /// The device's id.
    device: String,
    /// The element id of the field.
    field: String,
    naming: Naming,
    /// The card with the present name.
    given: RwSignal<DeviceCard>,
    /// The ids of the elements that name the device.
    named_by: Signal<String>,
) -> impl IntoView {
    let text = text::device();
    let refused = naming.refused_name(&device);
    let is_open = refused.is_some();
    let present = given.with_untracked(|card| card.name.given.clone());
    let value = refused.or(present).unwrap_or_default();
    let hint = [&field, "-hint"].concat();
    let rename = [&field, "-rename"].concat();
    let own = rename.clone();
    let label = move || [&own, " ", &named_by.get()].concat();
    let (named, shown) = (device.clone(), device.clone());
    let error = Signal::derive(move || naming.naming_error_of(&shown));
    let is_invalid = move || matches!(error.get(), Some(ApiError::DeviceNameTooLong { .. }));
    let hint_of_field = hint.clone();
    let described_by = move || {
        if is_invalid() {
            [&hint_of_field, " ", ERROR].concat()
        } else {
            hint_of_field.clone()
        }
    };
    let (own_field, closed_field, opened_field) = (field.clone(), field.clone(), field.clone());
    let submit = move |event: SubmitEvent| {
        naming.name(&event, named.clone(), own_field.clone());
    };
    let close = move || {
        let name = given.with_untracked(|card| card.name.given.clone());
        browser::set_input(&closed_field, &name.unwrap_or_default());
        naming.forget_refused();
        browser::close_details_around(&closed_field);
    };
    let close_by_key = close.clone();
    let hydrated = page::hydrated();

    view! {
        <details
            class="device__naming"
            open=is_open
            on:toggle=move |_| browser::select_input(&opened_field)
            on:keydown=move |event: KeyboardEvent| {
                if event.key() == "Escape" {
                    close_by_key();
                }
            }
        >
            <summary class="device__rename" id=rename aria-labelledby=label>
                <Icon shape=Shape::Pencil/>
                {text.rename()}
            </summary>
            <form
                class="device__name-form"
                method="post"
                action=page::form_address("/api/name_device")
                on:submit=submit
                on:reset=move |event: Event| {
                    event.prevent_default();
                    close();
                }
            >
                <input type="hidden" name="id" value=device/>
                <div class="field">
                    <label class="field__label" for=field.clone()>{text.rename_label()}</label>
                    <p class="field__hint" id=hint>{text.rename_hint()}</p>
                    <input
                        class="field__input"
                        id=field
                        name="device_name"
                        type="text"
                        dir="auto"
                        value=value
                        autocomplete="off"
                        aria-invalid=move || is_invalid().then_some("true")
                        aria-describedby=described_by
                    />
                </div>
                <ErrorAlert id=ERROR error/>
                <div class="device__name-actions">
                    <button class="button" type="submit">{text.rename_submit()}</button>
                    <button class="button" type="reset" hidden=move || !hydrated.get()>
                        {text::revoke().cancel()}
                    </button>
                </div>
            </form>
        </details>
    }
}
