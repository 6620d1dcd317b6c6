//! A page that comes into the document: how it is asked for, and how it is shown.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::{Date, Function, Object, Promise, Reflect};
use leptos::{
    prelude::{Owner, document, window},
    task::spawn_local,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, DomParser, Element, Event, HtmlElement, Response, SupportedType};

use super::{is_in_frame, main_of};
use crate::{browser, live::script, text};

/// The function of the page's script that hydrates the islands in an element.
const TAKE_OVER: &str = "latchkeyTakeOver";

/// The time in milliseconds for which a page that was asked for at the press of a link is taken as fresh.
const FRESH: f64 = 3_000.0;

/// The time in milliseconds after which a page comes without a transition, which would make the page later still.
const LATE: f64 = 150.0;

/// The attribute of the link to a page that the browser could not load.
const AGAIN: &str = "data-again";

/// The attribute of links whose page has the same links: the current one gets the focus there.
const KEEPS_FOCUS: &str = "data-keeps-focus";

/// The attributes of a document's root that stay when a page comes into the document.
const LOOK: [&str; 2] = ["lang", "data-theme"];

/// Matches where the person wants little motion.
const REDUCED_MOTION: &str = "(prefers-reduced-motion: reduce)";

thread_local! {
    /// The page that was asked for when the person pressed a link.
    static PRESSED: RefCell<Option<Pressed>> = const { RefCell::new(None) };
}

struct Pressed {
    address: String,
    at: f64,
    answer: Promise,
}

/// Asks for the next page when the person presses a link, which is some time before the click. Pointing at a link asks
/// for nothing, because each page is activity of the person.
pub(super) fn ask_when_pressed() {
    let hear = script::function(|event| {
        if let Some(address) = pressed_link(&event) {
            let answer = window().fetch_with_str_and_init(&address, &options(None));
            let at = Date::now();
            // A failure before the click is no error of the page.
            let failing = JsFuture::from(answer.clone());
            spawn_local(async {
                let _ = failing.await;
            });
            PRESSED.set(Some(Pressed {
                address,
                at,
                answer,
            }));
        }
    });
    let _ = window().add_event_listener_with_callback("pointerdown", &hear);
}

/// The address of the link that a press will open in this document.
fn pressed_link(event: &Event) -> Option<String> {
    let is = |name: &str| script::get(event, name).is_some_and(|value| value.is_truthy());
    if ["button", "ctrlKey", "metaKey", "shiftKey", "altKey"]
        .iter()
        .any(|name| is(name))
    {
        return None;
    }
    let target: Element = event.target()?.dyn_into().ok()?;
    let link = target.closest("a[href]:not([target], [download])").ok()??;
    let address = script::get(&link, "href")?.as_string()?;
    is_in_frame(&address)?.then_some(address)
}

fn options(signal: Option<&JsValue>) -> web_sys::RequestInit {
    let options = Object::new();
    let redirect = JsValue::from_str("manual");
    let _ = Reflect::set(&options, &JsValue::from_str("redirect"), &redirect);
    if let Some(signal) = signal {
        let _ = Reflect::set(&options, &JsValue::from_str("signal"), signal);
    }
    options.unchecked_into()
}

/// A page that the server has sent.
pub(super) struct Answer {
    pub page: Document,
    /// The time at which the page was asked for, by this computer's clock, in milliseconds.
    pub asked_at: f64,
}

/// The reason why there is no page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPage {
    /// The browser does not reach the server.
    Unreachable,
    /// The server redirects or refuses, or another program answers.
    Other,
}

/// The page at an address.
pub(super) async fn load(address: &str, signal: &JsValue) -> Result<Answer, NoPage> {
    let pressed = PRESSED.take();
    let pressed =
        pressed.filter(|pressed| pressed.address == address && Date::now() - pressed.at < FRESH);
    let (answer, asked_at) = if let Some(pressed) = pressed {
        (pressed.answer, pressed.at)
    } else {
        let answer = window().fetch_with_str_and_init(address, &options(Some(signal)));
        (answer, Date::now())
    };
    let answer = JsFuture::from(answer).await;
    let answer: Response = answer
        .map_err(|_unreachable| NoPage::Unreachable)?
        .unchecked_into();
    if !answer.ok() {
        return Err(NoPage::Other);
    }
    let text = browser::text(&answer).await.ok_or(NoPage::Unreachable)?;
    let page = DomParser::new()
        .and_then(|parser| parser.parse_from_string(&text, SupportedType::TextHtml))
        .map_err(|_no_page| NoPage::Other)?;
    Ok(Answer { page, asked_at })
}

/// Says in place of the page that the server cannot be reached, and offers to try again. The frame stays.
pub(super) fn say_unreachable(address: &str) -> Option<()> {
    let here = document();
    let main = main_of(&here)?;
    give_up_islands(&main)?;
    let words = super::words();
    let element = |name: &str, class: &str, text: &str| {
        let element = here.create_element(name).ok()?;
        element.set_class_name(class);
        element.set_text_content(Some(text));
        Some(element)
    };
    let page = element("div", "page", "")?;
    let heading = element("h1", "page-heading", words.unreachable_title)?;
    heading.set_attribute("tabindex", "-1").ok()?;
    let action = element("p", "", "")?;
    let again = element("a", "button", words.unreachable_again)?;
    again.set_attribute("href", address).ok()?;
    again.set_attribute(AGAIN, "").ok()?;
    action.append_child(&again).ok()?;
    page.append_child(&heading).ok()?;
    let explanation = element("p", "lead", words.unreachable_text)?;
    page.append_child(&explanation).ok()?;
    page.append_child(&action).ok()?;
    main.set_text_content(None);
    main.remove_attribute("aria-busy").ok()?;
    main.append_child(&page).ok()?;
    here.set_title(words.unreachable_title);
    focus(&main);
    Some(())
}

/// Follows the link to the page that the browser could not load, now that the server answers.
pub(in crate::live) fn try_again() {
    let again = document().query_selector(&["a[", AGAIN, "]"].concat());
    if let Ok(Some(again)) = again
        && let Ok(again) = again.dyn_into::<HtmlElement>()
    {
        again.click();
    }
}

/// Shows a page, with a transition if the browser has one, the page came soon and the person wants motion. `false` if the
/// page cannot come into this document.
pub(super) async fn change(page: Document, asked_at: f64, event: Event, root: Owner) -> bool {
    let is_shown = Rc::new(Cell::new(false));
    let shown = Rc::clone(&is_shown);
    let act = move || {
        if root.with(|| show(&page)).is_some() {
            // The transition leads to the page as the person will see it.
            let _ = call(&event, "scroll", None);
            shown.set(true);
        }
    };
    let reduces = window().match_media(REDUCED_MOTION).ok().flatten();
    let is_late = Date::now() - asked_at > LATE;
    let has_motion = !is_late && reduces.is_some_and(|query| !query.matches());
    let start = script::get(&document(), "startViewTransition").filter(|_| has_motion);
    if start.is_none() {
        act();
    } else if let Some(transition) = call(
        &document(),
        "startViewTransition",
        Some(Closure::once_into_js(act)),
    ) {
        // An overtaken transition is no error.
        if let Some(ready) = script::get(&transition, "ready") {
            let ready = JsFuture::from(ready.unchecked_into::<Promise>());
            spawn_local(async {
                let _ = ready.await;
            });
        }
        if let Some(changed) = script::get(&transition, "updateCallbackDone") {
            let _ = JsFuture::from(changed.unchecked_into::<Promise>()).await;
        }
    }
    is_shown.get()
}

fn call(of: &JsValue, name: &str, argument: Option<JsValue>) -> Option<JsValue> {
    let function: Function = script::get(of, name)?.dyn_into().ok()?;
    match argument {
        Some(argument) => function.call1(of, &argument),
        None => function.call0(of),
    }
    .ok()
}

/// Shows a page. `None` if the page is of another version of the front end, of another person, or of none, or if the
/// person has chosen another language or theme since the open page was loaded.
fn show(page: &Document) -> Option<()> {
    let here = document();
    if script_of(page)? != script_of(&here)? || bar_of(page)? != bar_of(&here)? {
        return None;
    }
    if LOOK
        .iter()
        .any(|name| root_says(page, name) != root_says(&here, name))
    {
        return None;
    }
    let (old, new) = (main_of(&here)?, main_of(page)?);
    if let Ok(Some(open)) = here.query_selector(":popover-open") {
        let _ = call(&open, "hidePopover", None);
    }
    text::bring_from(page)?;
    here.set_title(&page.title());
    let is_kept = here
        .active_element()
        .is_some_and(|focused| focused.has_attribute(KEEPS_FOCUS));
    give_up_islands(&old)?;
    let new: Element = here.adopt_node(&new).ok()?.unchecked_into();
    old.replace_with_with_node_1(&new).ok()?;
    let take_over: Function = script::get(&window(), TAKE_OVER)?.unchecked_into();
    take_over.call1(&JsValue::UNDEFINED, &new).ok()?;
    if !(is_kept && focus_current(&new)) {
        focus(&new);
    }
    Some(())
}

/// Moves the focus to the link of the page itself among those that keep it. `false` if there is none.
fn focus_current(main: &Element) -> bool {
    let current = ["[", KEEPS_FOCUS, "][aria-current]"].concat();
    let current = main.query_selector(&current).ok().flatten();
    let current = current.and_then(|link| link.dyn_into::<HtmlElement>().ok());
    current.is_some_and(|link| link.focus().is_ok())
}

/// Takes the islands out of a page that goes. leptos keeps the state of an island, and with it the island's element.
/// Outside of the page that element holds nothing else.
fn give_up_islands(main: &Element) -> Option<()> {
    let islands = main
        .query_selector_all("leptos-island, leptos-children")
        .ok()?;
    for island in (0..islands.length()).filter_map(|index| islands.get(index)) {
        if let Some(parent) = island.parent_node() {
            let _ = parent.remove_child(&island);
        }
    }
    Some(())
}

/// The name of the front end's script, which changes with each version.
fn script_of(page: &Document) -> Option<String> {
    let link = page.query_selector("link[rel=modulepreload]").ok()??;
    link.get_attribute("href")
}

/// An attribute of a document's root.
fn root_says(page: &Document, attribute: &str) -> Option<String> {
    page.document_element()?.get_attribute(attribute)
}

/// The bar with the person's name and database.
fn bar_of(page: &Document) -> Option<String> {
    Some(page.query_selector(".top-bar").ok()??.outer_html())
}

/// Moves the focus to what the page focuses, or to its heading, so that a screen reader says where the person is.
/// Dialogs have a focus of their own.
fn focus(main: &Element) {
    let wanted = |selector: &str| main.query_selector(selector).ok().flatten();
    if let Some(element) = wanted("[autofocus]:not(dialog *)").or_else(|| wanted("h1"))
        && let Ok(element) = element.dyn_into::<HtmlElement>()
    {
        let _ = element.focus();
    }
}
