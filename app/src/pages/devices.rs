//! My Profile, Devices: where the person is logged in, and revoking what they do not recognise.

use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use crate::{
    api::{
        ApiError,
        device::{DeviceCard, RevokeDevice, RevokeOtherDevices, list_devices},
    },
    browser,
    components::{
        confirm_dialog::ConfirmDialog,
        device_item::{DeviceItem, element_id},
        error_alert::ErrorAlert,
        failure::Failure,
        loading::Loading,
        profile_frame::{ProfileFrame, Tab},
        status::Status,
        submit_button::{Emphasis, SubmitButton},
    },
    page, routes,
    text::{Text, text},
    wording,
};

const HEADING: &str = "devices-heading";
const ERROR: &str = "revoke-error";

/// The tab "Devices".
#[component]
pub fn Devices() -> impl IntoView {
    let text = text();
    let cards = Resource::new(|| (), |()| list_devices());
    view! {
        <ProfileFrame tab=Tab::Devices>
            <section class="section" aria-labelledby=HEADING>
                <h2 class="section-heading" id=HEADING tabindex="-1">{text.devices_title()}</h2>
                <p class="lead">{text.devices_lead()}</p>
                <Suspense fallback=Loading>
                    {move || Suspend::new(async move {
                        match cards.await {
                            Ok(cards) => {
                                let address = Address::read();
                                view! { <DeviceList cards address/> }.into_any()
                            }
                            Err(error) => view! { <Failure error/> }.into_any(),
                        }
                    })}
                </Suspense>
            </section>
        </ProfileFrame>
    }
}

/// What the address says, for people without script.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Address {
    /// `?revoke=…`: which device to ask about, or "others".
    revoke: Option<String>,
    /// `?done=…`: what a form has just done.
    done: Option<String>,
    /// Why it did not.
    one: Option<ApiError>,
    others: Option<ApiError>,
}

impl Address {
    fn read() -> Self {
        let query = use_query_map().get_untracked();
        Self {
            revoke: query.get("revoke"),
            done: query.get("done"),
            one: page::posted_error::<RevokeDevice>(),
            others: page::posted_error::<RevokeOtherDevices>(),
        }
    }
}

/// What the dialog asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Subject {
    One(Box<DeviceCard>),
    Others,
}

/// What the page knows and does; every part of it is a handle.
#[derive(Clone, Copy)]
struct Board {
    /// The devices as loaded; revoking takes them out.
    cards: RwSignal<Vec<DeviceCard>>,
    /// What is asked about. It outlives the dialog, for the answer that comes later.
    subject: RwSignal<Option<Subject>>,
    is_asking: RwSignal<bool>,
    message: RwSignal<Option<String>>,
    revoke: ServerAction<RevokeDevice>,
    revoke_others: ServerAction<RevokeOtherDevices>,
    error: Signal<Option<ApiError>>,
}

impl Board {
    fn new(cards: Vec<DeviceCard>, address: Address, text: Text) -> Self {
        let asked = address.revoke.as_deref();
        let subject = asked.and_then(|id| subject(&cards, id));
        let message = match address.done.as_deref() {
            Some("revoked") => Some(text.devices_revoked_device()),
            Some("revoked-others") => Some(text.devices_revoked_others()),
            _ => (asked.is_some() && subject.is_none()).then(|| text.devices_gone()),
        };
        let (revoke, one) = page::form_action(address.one);
        let (revoke_others, others) = page::form_action(address.others);
        Self {
            cards: RwSignal::new(cards),
            is_asking: RwSignal::new(subject.is_some()),
            subject: RwSignal::new(subject),
            message: RwSignal::new(message.map(str::to_owned)),
            revoke,
            revoke_others,
            error: Signal::derive(move || one.get().or_else(|| others.get())),
        }
    }

    fn is_pending(self) -> Signal<bool> {
        let (one, others) = (self.revoke.pending(), self.revoke_others.pending());
        Signal::derive(move || one.get() || others.get())
    }

    fn ask(self, subject: Subject) {
        if self.is_pending().get_untracked() {
            return;
        }
        self.revoke.clear();
        self.revoke_others.clear();
        self.message.set(None);
        self.subject.set(Some(subject));
        self.is_asking.set(true);
    }

    /// Takes the revoked device out, says so, and goes on at the next card.
    fn one_is_gone(self, text: Text) {
        let Some(Subject::One(gone)) = self.subject.get_untracked() else {
            return;
        };
        let next = self.cards.with_untracked(|cards| {
            let behind = cards.iter().skip_while(|card| card.id != gone.id).nth(1);
            behind.map(|card| element_id(&card.id))
        });
        let name = wording::device_name(text, &gone.name);
        self.cards
            .update(|cards| cards.retain(|card| card.id != gone.id));
        self.done(text.devices_revoked(&name), next);
    }

    fn others_are_gone(self, text: Text, count: u32) {
        self.cards
            .update(|cards| cards.retain(|card| card.is_current));
        self.done(text.devices_revoked_count(count), None);
    }

    fn done(self, message: String, next: Option<String>) {
        self.is_asking.set(false);
        self.message.set(Some(message));
        browser::focus(next.unwrap_or_else(|| HEADING.to_owned()));
    }
}

/// What `?revoke=…` asks about, if it is there to be revoked.
fn subject(cards: &[DeviceCard], asked: &str) -> Option<Subject> {
    let mut others = cards.iter().filter(|card| !card.is_current);
    if asked == "others" {
        return others.next().map(|_| Subject::Others);
    }
    others
        .find(|card| card.id == asked)
        .map(|card| Subject::One(Box::new(card.clone())))
}

fn count_of_others(cards: &[DeviceCard]) -> u32 {
    cards
        .iter()
        .fold(0, |count, card| count + u32::from(!card.is_current))
}

#[island]
fn DeviceList(cards: Vec<DeviceCard>, address: Address) -> impl IntoView {
    let text = text();
    let board = Board::new(cards.clone(), address, text);
    let (revoked, revoked_others) = (board.revoke.value(), board.revoke_others.value());
    Effect::new(move |_| {
        if let Some(Ok(())) = revoked.get() {
            board.one_is_gone(text);
        }
    });
    Effect::new(move |_| {
        if let Some(Ok(count)) = revoked_others.get() {
            board.others_are_gone(text, count);
        }
    });
    let on_revoke = Callback::new(move |card| board.ask(Subject::One(Box::new(card))));
    let items = cards
        .into_iter()
        .map(|card| {
            let id = card.id.clone();
            let is_there = Memo::new(move |_| {
                board
                    .cards
                    .with(|cards| cards.iter().any(|card| card.id == id))
            });
            move || {
                is_there
                    .get()
                    .then(|| view! { <li><DeviceItem card=card.clone() on_revoke/></li> })
            }
        })
        .collect_view();

    view! {
        <Status message=board.message.into()/>
        <RevokeDialog board/>
        <ul class="devices" role="list" aria-label=text.devices_list()>{items}</ul>
        <RevokeOthers board/>
    }
    .into_any()
}

/// The way to revoke all others, while there are any.
#[component]
fn RevokeOthers(board: Board) -> impl IntoView {
    let text = text();
    let count = Memo::new(move |_| board.cards.with(|cards| count_of_others(cards)));
    move || match count.get() {
        0 => view! { <p class="devices-empty">{text.devices_alone()}</p> }.into_any(),
        count => view! {
            <form
                class="devices-others"
                method="get"
                action=routes::DEVICES
                on:submit=move |event| {
                    event.prevent_default();
                    board.ask(Subject::Others);
                }
            >
                <input type="hidden" name="revoke" value="others"/>
                <button class="button" type="submit">
                    {text.devices_revoke_others(&count.to_string())}
                </button>
            </form>
        }
        .into_any(),
    }
}

#[component]
fn RevokeDialog(board: Board) -> impl IntoView {
    let text = text();
    let title = Signal::derive(move || match board.subject.get() {
        Some(Subject::One(card)) => text.revoke_title(&wording::device_name(text, &card.name)),
        _ => text.revoke_others_title().to_owned(),
    });
    let consequence = Signal::derive(move || match board.subject.get() {
        Some(Subject::One(_)) => text.revoke_consequence().to_owned(),
        _ => text.revoke_others_consequence(board.cards.with(|cards| count_of_others(cards))),
    });
    let error = board.error;
    let pending = board.is_pending();

    view! {
        <ConfirmDialog
            open=board.is_asking
            title
            consequence
            error=move || view! { <ErrorAlert id=ERROR error/> }
            cancel_to=routes::DEVICES
            pending
        >
            {move || match board.subject.get() {
                None => ().into_any(),
                Some(Subject::One(card)) => view! {
                    <ActionForm action=board.revoke>
                        <input type="hidden" name="id" value=card.id/>
                        <SubmitButton
                            label=text.devices_revoke()
                            emphasis=Emphasis::Danger
                            pending
                        />
                    </ActionForm>
                }
                .into_any(),
                Some(Subject::Others) => view! {
                    <ActionForm action=board.revoke_others>
                        <SubmitButton
                            label=text.revoke_others_submit()
                            emphasis=Emphasis::Danger
                            pending
                        />
                    </ActionForm>
                }
                .into_any(),
            }}
        </ConfirmDialog>
    }
}
