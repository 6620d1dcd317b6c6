//! Navigation in one document: a link from one page of the person to another changes the address and the content of
//! `main`. The bar, the watch on the session and the stream of events stay.
//!
//! The server renders every page. The browser's Navigation API keeps the history, restores the scroll position and
//! aborts what is overtaken. A browser without that API loads documents, and so does everything that is no link between
//! two of these pages: a log-in, a log-out, a download, a form.

mod page;
mod unsent;

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use js_sys::{Date, Function, Object, Reflect};
use leptos::prelude::{Owner, document, set_timeout_with_handle, window};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::future_to_promise;
use web_sys::{Document, Element, Event, EventTarget, Url};

pub(super) use page::try_again;
use page::{Answer, NoPage};
pub(crate) use unsent::has_unsent;

use super::{NavigationWords, script};
use crate::browser;

/// The attribute of `main` with the paths of the pages that stand in one frame, with spaces between them. Pages in
/// another frame, such as the log-in page, have no such attribute.
const FRAME: &str = "data-frame";

/// The time after which a page that has not come yet is announced.
const SLOW: Duration = Duration::from_millis(200);

thread_local! {
    /// The owner of everything that the islands of the open page hold.
    static PAGE: RefCell<Option<Owner>> = const { RefCell::new(None) };

    static WORDS: Cell<NavigationWords> = Cell::default();
}

/// Sets the texts, which every page of the person brings.
pub(crate) fn set_words(words: NavigationWords) {
    WORDS.set(words);
}

fn words() -> NavigationWords {
    WORDS.get()
}

/// Hydrates the islands of a page. What the islands of the page before held is given up. Passes on what `hydrate` throws, so
/// that the page can say that its script failed.
pub fn in_page(hydrate: &Function) -> Result<(), JsValue> {
    let page = Owner::current().map_or_else(Owner::new, |root| root.child());
    give_up(Some(page.clone()));
    page.with(|| hydrate.call0(&JsValue::UNDEFINED).map(drop))
}

/// Gives up what the islands of the open page hold, for those of the next page.
fn give_up(next: Option<Owner>) {
    if let Some(before) = PAGE.with(|open| open.replace(next)) {
        before.cleanup();
    }
}

/// Begins to navigate in one document, if the browser can.
pub(crate) fn start() {
    unsent::start();
    let Some(navigation) = script::get(&window(), "navigation") else {
        return;
    };
    let Some(root) = Owner::current() else {
        return;
    };
    page::ask_when_pressed();
    let hear = script::function(move |event| {
        if let Some(address) = address_in_frame(&event) {
            if unsent::may_leave() || !event.cancelable() {
                intercept(&event, root.clone(), address);
            } else {
                event.prevent_default();
            }
        }
    });
    let navigation: EventTarget = navigation.unchecked_into();
    let _ = navigation.add_event_listener_with_callback("navigate", &hear);
}

/// The address that a navigation leads to; `None` if the browser is to load a document.
fn address_in_frame(event: &Event) -> Option<String> {
    let is = |name: &str| script::get(event, name).is_some_and(|value| value.is_truthy());
    let kind = script::get(event, "navigationType")?.as_string()?;
    let destination = script::get(event, "destination")?;
    let stays = script::get(&destination, "sameDocument").is_some_and(|value| value.is_truthy());
    if !is("canIntercept")
        || is("hashChange")
        || is("downloadRequest")
        || is("formData")
        || kind == "reload"
        // The page itself has changed its address.
        || (kind == "replace" && stays)
    {
        return None;
    }
    let address = script::get(&destination, "url")?.as_string()?;
    is_in_frame(&address)?.then_some(address)
}

/// Whether an address leads to a page in the frame of the open page.
fn is_in_frame(address: &str) -> Option<bool> {
    let path = Url::new(address).ok()?.pathname();
    let frame = main_of(&document())?.get_attribute(FRAME)?;
    Some(frame.split(' ').any(|page| page == path))
}

fn intercept(event: &Event, root: Owner, address: String) -> Option<()> {
    let asked = event.clone();
    let handler = Closure::once_into_js(move || {
        future_to_promise(async move {
            open(&asked, root, &address).await;
            Ok(JsValue::UNDEFINED)
        })
    });
    let options = Object::new();
    Reflect::set(&options, &JsValue::from_str("handler"), &handler).ok()?;
    let manual = JsValue::from_str("manual");
    Reflect::set(&options, &JsValue::from_str("focusReset"), &manual).ok()?;
    let intercept: Function = script::get(event, "intercept")?.unchecked_into();
    intercept.call1(event, &options).ok()?;
    Some(())
}

/// Opens a page in this document. If the browser does not reach the server, the document says so. If the page cannot come
/// for another reason, the browser loads the address, which is this page's already, as a document: the server then says
/// what there is to say.
async fn open(event: &Event, root: Owner, address: &str) {
    let signal = script::get(event, "signal").unwrap_or_default();
    let announce = || {
        if let Some(main) = main_of(&document()) {
            let _ = main.set_attribute("aria-busy", "true");
        }
    };
    let announced = set_timeout_with_handle(announce, SLOW);
    let page = page::load(address, &signal).await;
    if let Ok(announced) = announced {
        announced.clear();
    }
    let is_overtaken = script::get(&signal, "aborted").is_some_and(|value| value.is_truthy());
    if is_overtaken {
        return;
    }
    let is_shown = match page {
        Ok(Answer { page, asked_at }) => page::change(page, asked_at, event.clone(), root)
            .await
            .then_some(asked_at),
        Err(NoPage::Unreachable) => {
            give_up(None);
            page::say_unreachable(address).map(|()| Date::now())
        }
        Err(NoPage::Other) => None,
    };
    match is_shown {
        Some(asked_at) => {
            browser::has_stayed();
            super::session::has_come(asked_at);
        }
        None => browser::reload(),
    }
}

fn main_of(page: &Document) -> Option<Element> {
    page.get_element_by_id("main")
}
