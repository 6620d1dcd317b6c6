//! My Profile, Devices: where the person is logged in, and revoking what they do not recognise.

use leptos::{either::Either, ev::SubmitEvent, form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use crate::{
    api::{
        ApiError,
        device::{
            DeviceCard, EndedDevice, NameDevice, RevokeDevice, RevokeOtherDevices, list_devices,
            list_ended_devices,
        },
    },
    browser,
    components::{
        confirm_dialog::ConfirmDialog,
        device_item::{ALL_OTHERS, AskForm, DeviceItem, element_id},
        ended_item::EndedItem,
        error_alert::ErrorAlert,
        failure::Failure,
        loading::Loading,
        profile_frame::{ProfileFrame, Tab},
        status::Status,
        submit_button::{Emphasis, SubmitButton},
    },
    live::{self, Listed, Other},
    page, routes,
    text::{Text, text},
    wording,
};

/// Where the focus goes when what had it is gone.
pub(crate) const HEADING: &str = "devices-heading";
const ENDED: &str = "ended-heading";
const ERROR: &str = "revoke-error";
const NAMING_ERROR: &str = "naming-error";
const PASSWORD: &str = "revoke-password";
const ONE_FORM: &str = "revoke-one";
const OTHERS_FORM: &str = "revoke-others";

/// The tab "Devices". The server renders the cards; the board around them asks and revokes.
#[component]
pub fn Devices() -> impl IntoView {
    let text = text();
    let cards = Resource::new(|| (), |()| list_devices());
    let ended = Resource::new(|| (), |()| list_ended_devices());
    view! {
        <ProfileFrame tab=Tab::Devices>
            <section class="section" aria-labelledby=HEADING>
                <h2 class="section-heading" id=HEADING tabindex="-1">{text.devices_title()}</h2>
                <p class="lead">{text.devices_lead()}</p>
                <Suspense fallback=Loading>
                    {move || Suspend::new(async move {
                        match cards.await {
                            Ok(cards) => Either::Left(view! { <DeviceList cards/> }),
                            Err(error) => Either::Right(view! { <Failure error/> }),
                        }
                    })}
                </Suspense>
            </section>
            <Suspense>
                {move || Suspend::new(async move {
                    let ended = ended.await.ok().filter(|ended| !ended.is_empty());
                    ended.map(|ended| view! { <EndedDevices ended/> })
                })}
            </Suspense>
        </ProfileFrame>
    }
}

/// What was logged in lately: whoever looks for a stranger looks here, too.
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
fn DeviceList(cards: Vec<DeviceCard>) -> impl IntoView {
    let text = text();
    let others = cards
        .iter()
        .filter(|card| !card.is_current)
        .map(|card| Other {
            id: card.id.clone(),
            name: wording::device_name(text, &card.name),
        })
        .collect();
    let items = cards
        .into_iter()
        .map(|card| view! { <li><DeviceItem card/></li> })
        .collect_view();
    view! {
        <RevokeBoard others address=Address::read()>
            <ul class="devices" role="list" aria-label=text.devices_list()>{items}</ul>
        </RevokeBoard>
    }
}

/// What the address says, for people without script.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Address {
    /// `?revoke=…`: which device to ask about, or all others.
    revoke: Option<String>,
    /// `?done=…`: what a form has just done.
    done: Option<String>,
    /// Why a form did not do it.
    error: Option<ApiError>,
    /// Why a device was not named.
    naming_error: Option<ApiError>,
}

impl Address {
    fn read() -> Self {
        let query = use_query_map().get_untracked();
        let error = page::posted_error::<RevokeDevice>();
        Self {
            revoke: query.get("revoke"),
            done: query.get("done"),
            naming_error: page::posted_error::<NameDevice>(),
            error: error.or_else(page::posted_error::<RevokeOtherDevices>),
        }
    }
}

/// What the dialog asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Subject {
    One(Other),
    Others,
}

/// What the board knows and does; every part of it is a handle.
#[derive(Clone, Copy)]
struct Board {
    /// The devices that can be revoked; revoking takes them out.
    others: RwSignal<Vec<Other>>,
    /// What is asked about. It outlives the dialog, for the answer that comes later.
    subject: RwSignal<Option<Subject>>,
    is_asking: RwSignal<bool>,
    message: RwSignal<Option<String>>,
    /// Why a post without script failed, until something else is asked.
    posted: RwSignal<Option<ApiError>>,
    /// Whether the password is asked: from when the server wants it to the end of the question.
    asks_password: RwSignal<bool>,
    revoke: ServerAction<RevokeDevice>,
    revoke_others: ServerAction<RevokeOtherDevices>,
    /// Which device was named last.
    named: RwSignal<Option<String>>,
    name: ServerAction<NameDevice>,
    naming_error: Signal<Option<ApiError>>,
}

impl Board {
    fn new(others: Vec<Other>, address: Address, text: Text) -> Self {
        let asked = address.revoke.as_deref();
        let subject = asked.and_then(|id| subject(&others, id));
        let message = match address.done.as_deref() {
            Some("revoked") => Some(text.devices_revoked_device()),
            Some("named") => Some(text.devices_named()),
            Some("revoked-others") => Some(text.devices_revoked_others()),
            _ => (asked.is_some() && subject.is_none()).then(|| text.devices_gone()),
        };
        let (name, naming_error) = page::form_action(address.naming_error);
        Self {
            others: RwSignal::new(others),
            is_asking: RwSignal::new(subject.is_some()),
            subject: RwSignal::new(subject),
            message: RwSignal::new(message.map(str::to_owned)),
            asks_password: RwSignal::new(address.error.as_ref().is_some_and(wants_password)),
            posted: RwSignal::new(address.error),
            revoke: page::form_action(None).0,
            revoke_others: page::form_action(None).0,
            named: RwSignal::new(None),
            name,
            naming_error,
        }
    }

    fn is_pending(self) -> Signal<bool> {
        let (one, others) = (self.revoke.pending(), self.revoke_others.pending());
        Signal::derive(move || one.get() || others.get())
    }

    fn error(self) -> Signal<Option<ApiError>> {
        let (one, others) = (self.revoke.value(), self.revoke_others.value());
        Signal::derive(move || {
            let one = one.with(|value| value.as_ref()?.as_ref().err().cloned());
            let others = others.with(|value| value.as_ref()?.as_ref().err().cloned());
            one.or(others).or_else(|| self.posted.get())
        })
    }

    fn ask(self, asked: &str) {
        if self.is_pending().get_untracked() {
            return;
        }
        self.revoke.clear();
        self.revoke_others.clear();
        self.posted.set(None);
        self.asks_password.set(false);
        self.message.set(None);
        self.subject
            .set(self.others.with_untracked(|others| subject(others, asked)));
        self.is_asking.set(true);
    }

    /// Names a device, unless a name is on its way.
    fn name(self, id: String, name: String) {
        if !self.name.pending().get_untracked() {
            self.message.set(None);
            self.named.set(Some(id.clone()));
            self.name.dispatch(NameDevice { id, name });
        }
    }

    /// The device that was named last shows its name instead of the form.
    fn is_named(self, text: Text) {
        if let Some(id) = self.named.get_untracked() {
            browser::close_details(&element_id(&id));
        }
        self.message.set(Some(text.devices_named().to_owned()));
    }

    /// Takes the revoked device out, says so, and goes on at the next card.
    fn one_is_gone(self, text: Text) {
        let Some(Subject::One(gone)) = self.subject.get_untracked() else {
            return;
        };
        let next = self.others.with_untracked(|others| {
            let behind = others.iter().skip_while(|other| other.id != gone.id).nth(1);
            behind.map(|other| element_id(&other.id))
        });
        self.take_out(|other| other.id == gone.id);
        self.done(text.devices_revoked(&gone.name), next);
    }

    fn others_are_gone(self, text: Text, count: u32) {
        self.take_out(|_| true);
        self.done(text.devices_revoked_count(count), None);
    }

    fn take_out(self, is_gone: impl Fn(&Other) -> bool) {
        self.others.update(|others| {
            others.retain(|other| {
                let stays = !is_gone(other);
                if !stays {
                    browser::remove_item(&element_id(&other.id));
                }
                stays
            });
        });
    }

    /// The list has been brought up to date.
    fn relist(self, listed: Listed, text: Text) {
        self.others.set(listed.others);
        if listed.is_changed {
            self.message.set(Some(text.devices_changed().to_owned()));
        }
    }

    fn done(self, message: String, next: Option<String>) {
        self.is_asking.set(false);
        self.message.set(Some(message));
        browser::focus(next.unwrap_or_else(|| HEADING.to_owned()));
    }
}

/// Whether it can be done after all, with the password.
fn wants_password(error: &ApiError) -> bool {
    matches!(
        error,
        ApiError::ConfirmationRequired | ApiError::WrongPassword
    )
}

/// What `?revoke=…` asks about, if it is there to be revoked.
fn subject(others: &[Other], asked: &str) -> Option<Subject> {
    if asked == ALL_OTHERS {
        return others.first().map(|_| Subject::Others);
    }
    let other = others.iter().find(|other| other.id == asked);
    other.cloned().map(Subject::One)
}

/// Asks before it revokes, and takes out what is gone. The cards are its children.
#[cfg_attr(any(feature = "ssr", feature = "signed-in"), island)]
#[cfg_attr(not(any(feature = "ssr", feature = "signed-in")), component)]
fn RevokeBoard(others: Vec<Other>, address: Address, children: Children) -> impl IntoView {
    let text = text();
    let board = Board::new(others, address, text);
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
    let error = board.error();
    Effect::new(move |_| {
        if error.with(|error| error.as_ref().is_some_and(wants_password)) {
            board.asks_password.set(true);
        }
    });
    let pending = board.is_pending();
    let refresh = live::follow_devices(
        move || pending.get_untracked(),
        move |listed| board.relist(listed, text),
    );
    let count = Memo::new(move |_| board.others.with(Vec::len));
    let named = board.name.value();
    Effect::new(move |_| {
        if let Some(Ok(())) = named.get() {
            board.is_named(text);
            refresh();
        }
    });
    let submit = move |event: SubmitEvent| {
        if let Some(asked) = browser::asked_device(&event) {
            event.prevent_default();
            board.ask(&asked);
        } else if let Some((id, name)) = browser::named_device(&event) {
            event.prevent_default();
            board.name(id, name);
        }
    };

    view! {
        <Status message=board.message.into()/>
        <ErrorAlert id=NAMING_ERROR error=board.naming_error/>
        <RevokeDialog board/>
        <div on:submit=submit>
            {children()}
            <p class="devices-empty" hidden=move || count.get() != 0>{text.devices_alone()}</p>
            <div class="devices-others" hidden=move || count.get() == 0>
                <AskForm about=ALL_OTHERS.to_owned()>
                    {move || text.devices_revoke_others(&count.get().to_string())}
                </AskForm>
            </div>
        </div>
    }
}

#[component]
fn RevokeDialog(board: Board) -> impl IntoView {
    let text = text();
    let one = move || match board.subject.get() {
        Some(Subject::One(other)) => Some(other),
        _ => None,
    };
    let title = Signal::derive(move || match one() {
        Some(other) => text.revoke_title(&other.name),
        None => text.revoke_others_title().to_owned(),
    });
    let consequence = Signal::derive(move || {
        if one().is_some() {
            return text.revoke_consequence().to_owned();
        }
        let count = board.others.with(Vec::len);
        text.revoke_others_consequence(u32::try_from(count).unwrap_or(u32::MAX))
    });
    let pending = board.is_pending();

    view! {
        <ConfirmDialog
            open=board.is_asking
            title
            consequence
            error=view! {
                <ErrorAlert id=ERROR error=board.error()/>
                <div class="field" hidden=move || !board.asks_password.get()>
                    <label class="field__label" for=PASSWORD>{text.revoke_password()}</label>
                    <input
                        class="field__input"
                        id=PASSWORD
                        name="password"
                        type="password"
                        autocomplete="current-password"
                        form=move || if one().is_some() { ONE_FORM } else { OTHERS_FORM }
                        disabled=move || !board.asks_password.get()
                        required
                        aria-describedby=ERROR
                    />
                </div>
            }
            cancel_to=routes::DEVICES
            pending
        >
            <div hidden=move || one().is_none()>
                <ActionForm action=board.revoke attr:id=ONE_FORM>
                    <input
                        type="hidden"
                        name="id"
                        prop:value=move || one().map(|other| other.id)
                        value=move || one().map(|other| other.id)
                    />
                    <SubmitButton label=text.devices_revoke() emphasis=Emphasis::Danger pending/>
                </ActionForm>
            </div>
            <div hidden=move || one().is_some()>
                <ActionForm action=board.revoke_others attr:id=OTHERS_FORM>
                    <SubmitButton
                        label=text.revoke_others_submit()
                        emphasis=Emphasis::Danger
                        pending
                    />
                </ActionForm>
            </div>
        </ConfirmDialog>
    }
}
