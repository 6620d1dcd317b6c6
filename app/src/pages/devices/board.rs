//! The state of the Devices page.

use std::time::Duration;

use leptos::prelude::*;

use super::{
    naming::Naming,
    question::{Question, Subject},
    selection::Selection,
    shown_device::{ShownDevice, element_id},
    start::{ALL_OTHERS, Outcome, Start},
};
use crate::{
    browser,
    components::status::News,
    live::DEVICES_HEADING,
    text::{self, DevicesText},
    wire::device::{DeviceCard, DeviceOverview, EndedDevice},
    wording,
};

/// The element id of the search field.
pub(super) const SEARCH: &str = "device-search";

/// A list with more other devices than this has a search field, and shows this many until the person wants all.
const FEW: usize = 10;

/// The minutes without activity after which the filter counts a device as unused: 30 days.
const UNUSED: u32 = 30 * 24 * 60;

/// The time for which the page says what has been done.
const SAID_FOR: Duration = Duration::from_secs(15);

/// The time for which the page tells of a new log-in, unless the person goes there.
const TOLD_FOR: Duration = Duration::from_mins(2);

/// How often "Active 5 minutes ago" is counted on.
const COUNT_ON: Duration = Duration::from_secs(30);

/// The state and the actions of the board. Each field is a handle.
#[derive(Clone, Copy)]
pub(super) struct Board {
    text: DevicesText,
    /// The devices, the current one first.
    devices: RwSignal<Vec<ShownDevice>>,
    /// The number of further devices, which the list does not show.
    pub unlisted: RwSignal<u32>,
    pub ended: RwSignal<Vec<EndedDevice>>,
    pub search: RwSignal<String>,
    only_unused: RwSignal<bool>,
    /// Whether the list is or was long enough for a search.
    pub is_long: Memo<bool>,
    pub selection: Selection,
    shows_all: RwSignal<bool>,
    /// The time of the list, by this computer's clock, in milliseconds.
    listed_at: StoredValue<f64>,
    /// Whole minutes since then.
    pub minutes: RwSignal<u32>,
    pub message: RwSignal<Option<String>>,
    /// A log-in while the page is open.
    pub news: RwSignal<Option<News>>,
    /// The seconds for which revoking needed no password when the list was made.
    confirmed_for: StoredValue<u32>,
    pub question: Question,
    pub naming: Naming,
    /// Whether the last update of the list failed.
    pub is_stale: RwSignal<bool>,
}

impl Board {
    pub fn new(overview: DeviceOverview, start: Start, text: DevicesText) -> Self {
        let (unlisted, confirmed_for) = (unlisted(&overview), overview.confirmed_for);
        let asked = start.revoke.as_deref();
        let subject = asked.and_then(|asked| subject(&overview.cards, asked));
        let is_gone = asked.is_some() && subject.is_none();
        let outcome = start.outcome.or(is_gone.then_some(Outcome::Gone));
        let message = RwSignal::new(outcome.map(|outcome| outcome.words(text)));
        let devices = overview.cards.into_iter().map(ShownDevice::from);
        let devices = RwSignal::new(devices.collect());
        // What the page has once offered stays: the person may have searched or ticked.
        let is_long =
            Memo::new(move |was: Option<&bool>| was == Some(&true) || others_in(devices) > FEW);
        Self {
            text,
            devices,
            unlisted: RwSignal::new(unlisted),
            ended: RwSignal::new(overview.ended),
            search: RwSignal::new(start.search),
            only_unused: RwSignal::new(start.only_unused),
            is_long,
            selection: Selection::new(is_long),
            shows_all: RwSignal::new(start.shows_all),
            listed_at: StoredValue::new(0.0),
            minutes: RwSignal::new(0),
            message,
            news: RwSignal::new(None),
            confirmed_for: StoredValue::new(confirmed_for),
            question: Question::new(subject, start.error, confirmed_for > 0, message),
            naming: Naming::new(start.refused, message),
            is_stale: RwSignal::new(false),
        }
    }

    /// Follows the answers of the server and the time.
    pub fn act_on_answers(self) {
        let Question {
            revoke,
            revoke_others,
            ..
        } = self.question;
        Effect::new(move |_| {
            if let Some(Ok(())) = revoke.value().get() {
                untrack(|| self.remove_asked());
            }
        });
        Effect::new(move |_| {
            if let Some(Ok(count)) = revoke_others.value().get() {
                self.remove_others(count);
            }
        });
        self.question.follow_errors();
        // A question that is answered does not come back when the page is loaded again.
        Effect::new(move |_| {
            if !self.question.is_asking.get() {
                browser::forget_query("revoke");
            }
        });
        fall_silent(self.message, SAID_FOR);
        fall_silent(self.news, TOLD_FOR);
        Effect::new(move |_| {
            self.listed_at.set_value(browser::now());
            self.question
                .set_confirmed_for(self.confirmed_for.get_value());
            if let Ok(counting) = set_interval_with_handle(move || self.count_on(), COUNT_ON) {
                on_cleanup(move || counting.clear());
            }
        });
    }

    fn count_on(self) {
        // A clock that was set back counts nothing.
        let since = (browser::now() - self.listed_at.get_value()) / 1_000.0;
        let since = Duration::try_from_secs_f64(since).unwrap_or_default();
        self.minutes
            .set(u32::try_from(since.as_secs() / 60).unwrap_or(u32::MAX));
    }

    /// This device.
    pub fn current(self) -> Vec<ShownDevice> {
        let devices = self.devices.get().into_iter();
        devices.filter(ShownDevice::is_current).collect()
    }

    /// The other devices that the page shows.
    pub fn others(self) -> Vec<ShownDevice> {
        let mut others = self.found();
        if !self.shows_all.get() {
            others.truncate(FEW);
        }
        others
    }

    /// The other devices that have the searched text, and that were not used for long if the person asks for that.
    fn found(self) -> Vec<ShownDevice> {
        let search = browser::lower_case(self.search.get().trim());
        let only_unused = self.shows_unused();
        let is_found =
            |card: &DeviceCard| has(card, &search) && !(only_unused && card.idle_minutes < UNUSED);
        let devices = self.devices.get().into_iter();
        devices
            .filter(|device| !device.is_current() && device.card.with(is_found))
            .collect()
    }

    /// Whether a long list has devices that were not used for long.
    pub fn has_unused(self) -> bool {
        let is_unused = |device: &ShownDevice| device.card.with(|card| card.idle_minutes >= UNUSED);
        self.is_long.get() && self.devices.with(|devices| devices.iter().any(is_unused))
    }

    /// Whether the page shows only these devices.
    pub fn shows_unused(self) -> bool {
        self.only_unused.get() && self.has_unused()
    }

    /// Shows only these devices, or all again.
    pub fn toggle_unused(self) {
        self.only_unused.set(!self.only_unused.get_untracked());
    }

    /// The number of other devices in the list.
    fn listed(self) -> usize {
        others_in(self.devices)
    }

    /// The number of other devices, listed or not.
    pub fn count(self) -> u32 {
        let listed = u32::try_from(self.listed()).unwrap_or(u32::MAX);
        listed.saturating_add(self.unlisted.get())
    }

    /// The number of devices that the person has not asked to see yet.
    pub fn hidden_count(self) -> usize {
        self.found().len() - self.others().len()
    }

    /// Whether a new device cannot be settled here, because this device is new itself.
    pub fn is_new_itself(self) -> bool {
        let cannot = |card: &DeviceCard| card.is_new && !card.can_be_acknowledged;
        self.devices
            .with(|devices| devices.iter().any(|device| device.card.with(cannot)))
    }

    /// What the search has found, in words. Without a search there is nothing to say.
    pub fn said_of_search(self) -> Option<String> {
        let search = self.search.get();
        let search = search.trim();
        if !self.finds_nothing() {
            let count = u32::try_from(self.found().len()).unwrap_or(u32::MAX);
            (!search.is_empty()).then(|| self.text.found(count))
        } else if self.unlisted.get() > 0 {
            Some(self.text.nothing_found_here(search))
        } else {
            Some(self.text.nothing_found(search))
        }
    }

    /// Whether no device has the searched text.
    pub fn finds_nothing(self) -> bool {
        self.listed() > 0 && self.found().is_empty()
    }

    /// Shows all devices, and moves the focus to the first that was hidden.
    pub fn show_all(self) {
        self.shows_all.set(true);
        if let Some(first) = self.found().get(FEW) {
            browser::focus(element_id(&first.id));
        }
    }

    /// Shows the card with an element id, and moves the focus there.
    pub fn show(self, card: String) {
        self.news.set(None);
        if !self
            .others()
            .iter()
            .any(|device| element_id(&device.id) == card)
        {
            self.search.set(String::new());
            browser::set_input(SEARCH, "");
            self.only_unused.set(false);
            self.shows_all.set(true);
        }
        browser::focus(card);
    }

    /// Asks whether to revoke the ticked devices.
    pub fn ask_about_selected(self) {
        let devices = self.devices.get_untracked();
        let ticked = devices
            .iter()
            .filter(|device| self.selection.has(&device.id));
        let cards = ticked.map(|device| device.card.get_untracked()).collect();
        if let Some(subject) = about(cards) {
            self.question.ask(subject);
        }
    }

    /// Removes the revoked devices, announces that, and moves the focus to the card behind a single one.
    fn remove_asked(self) {
        match self.question.subject.get() {
            Some(Subject::One(gone)) => {
                let shown = self.others();
                let behind = shown
                    .iter()
                    .skip_while(|device| device.id != gone.id)
                    .nth(1);
                let next = behind.map(|device| element_id(&device.id));
                self.remove(|id| id == gone.id);
                let name = wording::device_name_in_full(text::device(), &gone.name);
                self.done(self.text.revoked(&name), next);
            }
            Some(Subject::Several(gone)) => {
                self.remove(|id| gone.iter().any(|gone| gone.id == id));
                let count = u32::try_from(gone.len()).unwrap_or(u32::MAX);
                self.done(self.text.revoked_count(count), None);
            }
            Some(Subject::Others) | None => {}
        }
    }

    fn remove(self, is_gone: impl Fn(&str) -> bool) {
        self.devices
            .update(|devices| devices.retain(|device| !is_gone(&device.id)));
        self.selection.keep(|id| !is_gone(id));
    }

    fn remove_others(self, count: u32) {
        self.devices
            .update(|devices| devices.retain(ShownDevice::is_current));
        self.selection.keep(|_| false);
        self.unlisted.set(0);
        self.done(self.text.revoked_count(count), None);
    }

    fn done(self, message: String, next: Option<String>) {
        self.question.is_asking.set(false);
        // A list that is on its way may still have the device.
        self.naming.update_list();
        self.tell(None, Some(message));
        browser::focus(next.unwrap_or_else(|| DEVICES_HEADING.to_owned()));
    }

    /// Takes over the updated list; `None` means that the update failed.
    pub fn update(self, overview: Option<DeviceOverview>) {
        self.is_stale.set(overview.is_none());
        let Some(overview) = overview else {
            return;
        };
        // A device that the list did not show before may appear without a log-in.
        let knew_all = self.unlisted.get_untracked() == 0;
        self.unlisted.set(unlisted(&overview));
        self.listed_at.set_value(browser::now());
        self.question.set_confirmed_for(overview.confirmed_for);
        self.minutes.set(0);
        if self.ended.with_untracked(|ended| *ended != overview.ended) {
            self.ended.set(overview.ended);
        }
        let known = self.devices.get_untracked();
        let mut arrived = Vec::new();
        let devices: Vec<_> = overview
            .cards
            .into_iter()
            .map(|card| {
                let Some(known) = known.iter().find(|known| known.id == card.id) else {
                    let device = ShownDevice::from(card);
                    arrived.push(device.clone());
                    return device;
                };
                if *known.card.read_untracked() != card {
                    known.card.set(card);
                }
                known.clone()
            })
            .collect();
        let is_listed = |id: &str| devices.iter().any(|device| device.id == id);
        let gone: Vec<_> = known
            .iter()
            .filter(|device| !is_listed(&device.id))
            .collect();
        if gone
            .iter()
            .any(|device| browser::has_focus(&element_id(&device.id)))
        {
            browser::focus(DEVICES_HEADING);
        }
        self.selection.keep(is_listed);
        match (&*arrived, &*gone) {
            ([], []) => {}
            ([new], []) if knew_all => {
                let words = self.text.logged_in(&new.name());
                let about = element_id(&new.id);
                self.tell(Some(News { words, about }), None);
            }
            ([], [old]) => self.tell(None, Some(self.text.logged_out(&old.name()))),
            // Devices that were not shown have moved up.
            (_, []) if !knew_all => {}
            _ => self.tell(None, Some(self.text.changed().to_owned())),
        }
        let has_moved = !devices
            .iter()
            .map(|device| &device.id)
            .eq(known.iter().map(|device| &device.id));
        if has_moved {
            self.devices.set(devices);
        }
    }

    fn tell(self, news: Option<News>, message: Option<String>) {
        self.news.set(news);
        self.message.set(message);
    }
}

/// Takes a message away after a while: it stands above what the person works with.
fn fall_silent<T: Clone + PartialEq + Send + Sync + 'static>(
    said: RwSignal<Option<T>>,
    time: Duration,
) {
    Effect::new(move |_| {
        let now = said.get();
        if now.is_none() {
            return;
        }
        let silence = move || {
            if said.try_get_untracked() == Some(now.clone()) {
                said.set(None);
            }
        };
        if let Ok(silence) = set_timeout_with_handle(silence, time) {
            on_cleanup(move || silence.clear());
        }
    });
}

/// The number of devices beyond the cards.
fn unlisted(overview: &DeviceOverview) -> u32 {
    let listed = u32::try_from(overview.cards.len()).unwrap_or(u32::MAX);
    overview.count.saturating_sub(listed)
}

/// The number of other devices in a list.
fn others_in(devices: RwSignal<Vec<ShownDevice>>) -> usize {
    let is_other = |device: &&ShownDevice| !device.is_current();
    devices.with(|devices| devices.iter().filter(is_other).count())
}

/// The subject of `?revoke=…`, if it can be revoked.
fn subject(cards: &[DeviceCard], asked: &str) -> Option<Subject> {
    let mut others = cards.iter().filter(|card| !card.is_current);
    if asked == ALL_OTHERS {
        return others.next().map(|_| Subject::Others);
    }
    let asked: Vec<_> = asked.split(',').collect();
    about(
        others
            .filter(|card| asked.contains(&&*card.id))
            .cloned()
            .collect(),
    )
}

/// The subject of a question about cards.
fn about(cards: Vec<DeviceCard>) -> Option<Subject> {
    match &*cards {
        [] => None,
        [card] => Some(Subject::from(card)),
        _ => Some(Subject::Several(cards)),
    }
}

/// Whether a card has a text, in small letters, in a name, an address or a place.
fn has(card: &DeviceCard, search: &str) -> bool {
    let name = wording::device_name_in_full(text::device(), &card.name);
    let address = card.address.as_ref();
    let place = address.and_then(|address| address.place.as_ref());
    let place = place.map(|place| wording::place(text::device(), place));
    let address = address.map(|address| address.text.clone());
    [Some(name), address, place]
        .into_iter()
        .flatten()
        .any(|fact| browser::lower_case(&fact).contains(search))
}
