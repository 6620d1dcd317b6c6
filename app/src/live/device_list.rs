//! The list of devices, updated while a person reads it.
//!
//! The server renders the page again, and the differences are taken over card by card. So the focus, open
//! elements and the scroll position stay.

use std::{cell::Cell, rc::Rc, time::Duration};

use leptos::{
    prelude::{document, on_cleanup, set_timeout, window},
    task::spawn_local,
};
use send_wrapper::SendWrapper;
use web_sys::{Document, DomParser, Element, SupportedType};

use super::{
    DEVICES_CHANGED, DEVICES_HEADING, IN_BACKGROUND, Other, UNLISTED, UpdatedDevices, script,
};
use crate::{browser, routes::DEVICES};

/// The pause before an update, which joins several changes to one update.
const PAUSE: Duration = Duration::from_millis(150);

/// The pause after an answer without a list.
const RETRY: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    Waiting,
    Loading,
    /// A change arrived while the list was loading.
    LoadingOld,
    /// Another page has come into the document.
    Over,
}

struct List {
    phase: Cell<Phase>,
    /// Whether the last answer had no list.
    has_failed: Cell<bool>,
    is_busy: Box<dyn Fn() -> bool>,
    then: Box<dyn Fn(Option<UpdatedDevices>)>,
}

/// Updates the list on this page after each change, except while `is_busy`. Calls `then` each time, with
/// `None` if the server does not answer. The returned function updates the list at once, for a form that has
/// changed something itself.
pub fn follow_devices(
    is_busy: impl Fn() -> bool + 'static,
    then: impl Fn(Option<UpdatedDevices>) + 'static,
) -> impl Fn() + Clone + 'static {
    let list = Rc::new(List {
        phase: Cell::new(Phase::Idle),
        has_failed: Cell::default(),
        is_busy: Box::new(is_busy),
        then: Box::new(then),
    });
    // Changes between the rendering and this moment were not heard.
    list.clone().change();
    let heard = Rc::clone(&list);
    let hear = script::function(move |_| heard.clone().change());
    let _ = window().add_event_listener_with_callback(DEVICES_CHANGED, &hear);
    let ended = SendWrapper::new((Rc::clone(&list), hear));
    on_cleanup(move || {
        let (list, hear) = &*ended;
        list.phase.set(Phase::Over);
        let _ = window().remove_event_listener_with_callback(DEVICES_CHANGED, hear);
    });
    move || list.clone().change()
}

impl List {
    fn change(self: Rc<Self>) {
        match self.phase.get() {
            Phase::Idle => self.wait(PAUSE),
            Phase::Loading => self.phase.set(Phase::LoadingOld),
            Phase::Waiting | Phase::LoadingOld | Phase::Over => {}
        }
    }

    fn wait(self: Rc<Self>, pause: Duration) {
        self.phase.set(Phase::Waiting);
        set_timeout(move || self.load(), pause);
    }

    fn load(self: Rc<Self>) {
        if self.phase.get() == Phase::Over {
            return;
        }
        if (self.is_busy)() {
            return self.wait(PAUSE);
        }
        self.phase.set(Phase::Loading);
        spawn_local(async move {
            let page = load_page().await;
            if self.phase.get() == Phase::Over {
                return;
            }
            if self.phase.get() == Phase::LoadingOld || (self.is_busy)() {
                return self.wait(PAUSE);
            }
            self.phase.set(Phase::Idle);
            match page {
                Page::Elsewhere => super::check(),
                Page::Here(page) => self.answered(take_over(&page)),
                Page::None => self.answered(None),
            }
        });
    }

    /// Handles an answer. An intermediary may have answered instead of the server: the list then stays, and
    /// only the second such answer in a row is reported.
    fn answered(self: Rc<Self>, listed: Option<UpdatedDevices>) {
        let has_list = listed.is_some();
        if self.has_failed.replace(!has_list) || has_list {
            (self.then)(listed);
        }
        if !has_list {
            self.wait(RETRY);
        }
    }
}

/// The server's answer to the request for this page.
enum Page {
    Here(Document),
    /// Another page: the session may have ended.
    Elsewhere,
    None,
}

async fn load_page() -> Page {
    let Some(answer) = script::fetch(DEVICES, IN_BACKGROUND).await else {
        return Page::None;
    };
    if answer.redirected() {
        return Page::Elsewhere;
    }
    let text = script::text(&answer).await;
    let page = text.and_then(|text| {
        let parser = DomParser::new().ok()?;
        parser
            .parse_from_string(&text, SupportedType::TextHtml)
            .ok()
    });
    page.map_or(Page::None, Page::Here)
}

/// Takes over the differences. `None` if the page has no list, because the server has failed or an
/// intermediary has answered.
fn take_over(page: &Document) -> Option<UpdatedDevices> {
    let (shown, fresh) = (list_in(&document())?, list_in(page)?);
    let unlisted = fresh.get_attribute(UNLISTED);
    let mut listed = UpdatedDevices {
        others: Vec::new(),
        unlisted: unlisted.and_then(|count| count.parse().ok()).unwrap_or(0),
        is_changed: false,
    };
    let mut next = shown.first_element_child();
    while let Some(item) = next {
        next = item.next_element_sibling();
        if page.get_element_by_id(&card(&item)?.id()).is_none() {
            listed.is_changed = true;
            leave(&item);
        }
    }
    let mut place = shown.first_element_child();
    let mut next = fresh.first_element_child();
    while let Some(item) = next {
        next = item.next_element_sibling();
        let card = card(&item)?;
        if let Some(asks_about) = part(&card, "input[name=revoke]") {
            let id = asks_about.get_attribute("value")?;
            let name = asks_about.get_attribute("data-device")?;
            listed.others.push(Other { id, name });
        }
        if let Some(known) = document().get_element_by_id(&card.id()) {
            update(&known, &card);
            place = known.parent_element()?.next_element_sibling();
        } else {
            listed.is_changed = true;
            shown.insert_before(&item, place.as_deref()).ok()?;
        }
    }
    Some(listed)
}

fn list_in(page: &Document) -> Option<Element> {
    page.query_selector("ul.devices:not(.devices--ended)")
        .ok()?
}

fn card(item: &Element) -> Option<Element> {
    item.first_element_child()
}

fn part(card: &Element, selector: &str) -> Option<Element> {
    card.query_selector(selector).ok()?
}

/// Updates the text of a card. The button stays unchanged, because it may have the focus, and so does the
/// name that the person is typing.
fn update(known: &Element, fresh: &Element) {
    for selector in [
        ".device__body",
        ".device__naming:not([open], :focus-within)",
    ] {
        if let (Some(known), Some(fresh)) = (part(known, selector), part(fresh, selector))
            && known.inner_html() != fresh.inner_html()
        {
            let _ = known.replace_with_with_node_1(&fresh);
        }
    }
}

fn leave(item: &Element) {
    if item.matches(":focus-within") == Ok(true) {
        browser::focus(DEVICES_HEADING);
    }
    item.remove();
}
