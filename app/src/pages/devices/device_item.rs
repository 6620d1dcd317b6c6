//! One device on the Devices page.

use leptos::{either::Either, prelude::*};

use super::{
    naming::Naming,
    naming_form::NamingForm,
    question::{Question, Subject},
    selection::{SELECTED_FORM, Selection},
    shown_device::{ShownDevice, element_id},
};
use crate::{
    components::{
        device_label::DeviceLabel,
        icon::{Icon, NamedIcon, Shape},
        it_was_me::ItWasMe,
        log_out_form::LogOutForm,
        time::Time,
    },
    routes, text,
    wire::device::DeviceCard,
    wording,
};

/// A card: what the device is, where it is, since when it is logged in, and how to revoke it. The card follows the
/// list; what the person has opened or typed in it stays.
#[component]
pub(super) fn DeviceItem(
    device: ShownDevice,
    /// Minutes since the list was made.
    minutes: RwSignal<u32>,
    question: Question,
    naming: Naming,
    selection: Selection,
) -> impl IntoView {
    let text = text::device();
    let card: RwSignal<DeviceCard> = device.card.into();
    let first = card.get_untracked();
    let id = element_id(&device.id);
    let name_id = [&id, "-name"].concat();
    let recognised_id = [&id, "-recognised"].concat();
    let named_by = {
        let (name, recognised) = (name_id.clone(), recognised_id.clone());
        Signal::derive(move || {
            if card.with(|card| card.name.given.is_some()) {
                [&name, " ", &recognised].concat()
            } else {
                name.clone()
            }
        })
    };
    let name = move || view! { <DeviceLabel name=card.with(|card| card.name.clone())/> };
    let marks = move || {
        card.with(|card| {
            [
                card.is_current.then(|| ("badge", text.this())),
                card.is_new.then(|| ("badge badge--notice", text.recent())),
                card.computer.is_shared().then(|| ("badge", text.shared())),
            ]
        })
        .into_iter()
        .flatten()
        .map(|(class, mark)| view! { <span class=class>{mark}</span> })
        .collect_view()
    };
    // Who reads by headings also hears the marks, but they are no part of the device's name.
    let name = view! {
        <span class="device__name" id=name_id.clone()>{name}</span>
        {marks}
    };
    // This device stands before the heading of the others.
    let heading = if first.is_current {
        Either::Left(view! { <h2 class="device__heading">{name}</h2> })
    } else {
        Either::Right(view! { <h3 class="device__heading">{name}</h3> })
    };
    let recognised = move || {
        let recognised = card.with(|card| wording::recognised_as(text, &card.name))?;
        Some(view! { <p class="device__recognised" id=recognised_id.clone()>{recognised}</p> })
    };
    let (acknowledged, described_by) = (device.id.clone(), name_id.clone());
    let is_mine = move || {
        card.with(|card| card.is_new && card.can_be_acknowledged)
            .then(|| {
                view! { <ItWasMe device=acknowledged.clone() described_by=described_by.clone()/> }
            })
    };
    let action = if first.is_current {
        Either::Left(view! { <LogOutForm class="button"/> })
    } else {
        Either::Right(view! {
            <AskForm
                about=device.id.clone()
                named_by
                ask=Callback::new(move |()| question.ask(Subject::from(&*card.read_untracked())))
            >
                {text::revoke().submit()}
            </AskForm>
        })
    };

    let box_to_tick = (!first.is_current)
        .then(|| view! { <BoxToTick device=device.id.clone() selection named_by/> });

    view! {
        <article
            class="device"
            class:device--current=first.is_current
            id=id.clone()
            tabindex="-1"
            aria-labelledby=name_id.clone()
        >
            <div class="device__icon">
                <NamedIcon shape=first.kind.into() name=wording::device_kind(text, first.kind)/>
            </div>
            <div class="device__title">
                {heading}
                <NamingForm device=device.id field=[&id, "-given"].concat() naming given=card named_by/>
            </div>
            {recognised}
            {box_to_tick}
            <Details/>
            <Facts card minutes/>
            <div class="device__mine">{is_mine}</div>
            <div class="device__action">{action}</div>
        </article>
    }
}

/// The box that selects a device.
#[component]
fn BoxToTick(device: String, selection: Selection, named_by: Signal<String>) -> impl IntoView {
    let (id, ticked) = (device.clone(), device.clone());
    view! {
        <label class="device__tick" hidden=move || !selection.is_offered.get()>
            <input
                class="check__box"
                type="checkbox"
                name="revoke"
                value=device
                form=SELECTED_FORM
                autocomplete="off"
                aria-labelledby=named_by
                prop:checked=move || selection.has(&id)
                on:change:target=move |event| selection.tick(&ticked, event.target().checked())
            />
        </label>
    }
}

/// The class of a fact that only an open card shows.
const FURTHER: &str = "device__further";

/// What a person recognises a device by, and everything else that is known of it.
#[component]
fn Facts(card: RwSignal<DeviceCard>, minutes: RwSignal<u32>) -> impl IntoView {
    let text = text::device();
    move || {
        let card = card.get();
        let activity = wording::activity(text, &card, minutes.get());
        let logged_in = text.logged_in(&card.logged_in_at.phrase);
        let ends = wording::end(text, &card);
        let policy = card.policy.as_ref().map(|policy| {
            view! { <dd class=FURTHER>{policy.clone()}</dd> }
        });
        let first_seen = card.first_seen_at.as_ref().map(|at| {
            let words = text.first_seen(&at.phrase);
            view! { <dd class=FURTHER><Time moment=at.clone() words/></dd> }
        });
        let version = wording::browser_version(text, &card).map(|version| {
            view! {
                <div class=FURTHER>
                    <dt>{text.fact_browser()}</dt>
                    <dd>{version}</dd>
                </div>
            }
        });
        let elsewhere = wording::other_addresses(text, &card)
            .map(|elsewhere| view! { <dd class=FURTHER>{elsewhere}</dd> });
        let address = card.address.map(|address| {
            let place = address.place.as_ref();
            let place = place.map(|place| wording::place(text, place));
            view! {
                <div>
                    <dt>{text.fact_address()}</dt>
                    {place.map(|place| view! { <dd>{place}</dd> })}
                    <dd class="device__address"><bdi>{address.text}</bdi></dd>
                    {elsewhere}
                </div>
            }
        });
        view! {
            <dl class="device__facts">
                <div>
                    <dt>{text.fact_activity()}</dt>
                    <dd><Time moment=card.last_active_at words=activity/></dd>
                    <dd><Time moment=card.logged_in_at words=logged_in/></dd>
                    <dd class=FURTHER>{wording::authenticated_by(text, card.authenticated_by)}</dd>
                    <dd class=FURTHER><Time moment=card.expires_at words=ends/></dd>
                    {policy}
                    {first_seen}
                </div>
                {address}
                {version}
            </dl>
        }
    }
}

/// Opens the card: the stylesheet then shows all facts, which follow.
#[component]
fn Details() -> impl IntoView {
    view! {
        <details class="device__details">
            <summary class="device__open">
                {text::device().details()}
                <Icon shape=Shape::ChevronDown/>
            </summary>
        </details>
    }
}

/// A form that leads to the question whether to revoke. Without script it loads the same page with the question.
#[component]
pub(super) fn AskForm<C: IntoView + 'static>(
    /// A device's id, or the word for all others.
    about: String,
    /// The ids of the elements that name the device. They are a part of the button's name, so that a screen reader's
    /// list of buttons tells the devices apart.
    #[prop(optional, into)]
    named_by: Option<Signal<String>>,
    /// Asks in place.
    ask: Callback<()>,
    children: TypedChildren<C>,
) -> impl IntoView {
    let button = ["ask-", &about].concat();
    let own = button.clone();
    let label = move || named_by.map(|names| [&own, " ", &names.get()].concat());
    view! {
        <form
            method="get"
            action=routes::DEVICES
            on:submit=move |event| {
                event.prevent_default();
                ask.run(());
            }
        >
            <input type="hidden" name="revoke" value=about/>
            <button class="button" type="submit" id=button aria-labelledby=label>
                {children.into_inner()()}
            </button>
        </form>
    }
}
