//! The list of devices, brought up to date while somebody reads it.
//!
//! The server renders the page anew and what differs is taken over, card by card: whatever has the
//! focus, is open or scrolled to stays.

use std::{cell::Cell, rc::Rc, time::Duration};

use leptos::{
    prelude::{document, set_timeout, window},
    task::spawn_local,
};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, DomParser, Element, SupportedType};

use super::{DEVICES_CHANGED, IN_BACKGROUND, Listed, Other, script};
use crate::{browser, pages::devices::HEADING, routes::DEVICES};

/// Several changes at once are one.
const PAUSE: Duration = Duration::from_millis(150);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    Waiting,
    Loading,
    /// Something changed while the list was on its way.
    LoadingOld,
}

struct List {
    phase: Cell<Phase>,
    is_busy: Box<dyn Fn() -> bool>,
    then: Box<dyn Fn(Listed)>,
}

/// Keeps the list on this page up to date, except while `is_busy`, and calls `then` each time. Whoever
/// has changed something need not wait to hear of it: what is returned has the list follow at once.
pub fn follow_devices(
    is_busy: impl Fn() -> bool + 'static,
    then: impl Fn(Listed) + 'static,
) -> impl Fn() + Clone + 'static {
    let list = Rc::new(List {
        phase: Cell::new(Phase::Idle),
        is_busy: Box::new(is_busy),
        then: Box::new(then),
    });
    // The page was rendered before it began to listen.
    list.clone().change();
    let heard = Rc::clone(&list);
    let hear = script::function(move |_| heard.clone().change());
    let _ = window().add_event_listener_with_callback(DEVICES_CHANGED, &hear);
    move || list.clone().change()
}

impl List {
    fn change(self: Rc<Self>) {
        match self.phase.get() {
            Phase::Idle => self.wait(),
            Phase::Loading => self.phase.set(Phase::LoadingOld),
            Phase::Waiting | Phase::LoadingOld => {}
        }
    }

    fn wait(self: Rc<Self>) {
        self.phase.set(Phase::Waiting);
        set_timeout(move || self.load(), PAUSE);
    }

    fn load(self: Rc<Self>) {
        if (self.is_busy)() {
            return self.wait();
        }
        self.phase.set(Phase::Loading);
        spawn_local(async move {
            let page = load_page().await;
            if self.phase.get() == Phase::LoadingOld || (self.is_busy)() {
                return self.wait();
            }
            self.phase.set(Phase::Idle);
            if let Some(listed) = page.and_then(|page| take_over(&page)) {
                (self.then)(listed);
            }
        });
    }
}

async fn load_page() -> Option<Document> {
    let answer = script::fetch(DEVICES, IN_BACKGROUND).await?;
    let text = JsFuture::from(answer.text().ok()?)
        .await
        .ok()?
        .as_string()?;
    let parser = DomParser::new().ok()?;
    parser
        .parse_from_string(&text, SupportedType::TextHtml)
        .ok()
}

/// Takes over what differs. A page that has no list is another one: the session is over, or the
/// server in trouble.
fn take_over(page: &Document) -> Option<Listed> {
    let (shown, fresh) = (list_in(&document())?, list_in(page)?);
    let mut listed = Listed {
        others: Vec::new(),
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
    page.query_selector("ul.devices").ok()?
}

fn card(item: &Element) -> Option<Element> {
    item.first_element_child()
}

fn part(card: &Element, selector: &str) -> Option<Element> {
    card.query_selector(selector).ok()?
}

/// What a card says, but for its button, which may have the focus, and the name that somebody is
/// typing.
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
        browser::focus(HEADING);
    }
    item.remove();
}
