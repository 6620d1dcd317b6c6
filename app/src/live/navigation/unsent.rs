//! What a person has typed into a form and not sent. The page asks before that is lost.

use std::{cell::RefCell, time::Duration};

use leptos::prelude::{document, set_timeout, window};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, NodeList};

use crate::{
    browser::{self, SENT},
    live::{script, session},
};

/// The attribute of forms in the bar whose answer is the page that they are on.
const COMES_BACK: &str = "data-comes-back";

/// The attribute of forms that show again what the server has refused.
const REFUSED: &str = "data-refused";

/// The forms that change something. A closed dialog was given up by the person.
const FORMS: &str = "main form[method=post]:not(dialog:not([open]) *)";

thread_local! {
    /// The last submit of a form.
    static SUBMIT: RefCell<Option<Event>> = const { RefCell::new(None) };
}

/// Begins to follow what is typed and sent. The browser itself asks before it leaves the document.
pub(super) fn start() {
    let on = |name: &str, hear: fn(Event)| {
        let hear = script::function(hear);
        let _ = window().add_event_listener_with_callback(name, &hear);
    };
    on("submit", |event| {
        if let Some(form) = event.target() {
            browser::set_sent(&form, true);
        }
        SUBMIT.set(Some(event));
    });
    on("input", |event| {
        let form = event.target().and_then(|field| script::get(&field, "form"));
        if let Some(form) = form.filter(JsValue::is_object) {
            browser::set_sent(&form, false);
        }
    });
    on("beforeunload", |event| {
        if !is_sent_by_browser() && !browser::is_leaving() && has_unsent() {
            event.prevent_default();
            // Timers run again when the person stays.
            set_timeout(session::has_stayed, Duration::ZERO);
        }
    });
}

/// Whether the page may be left: everything is sent, or the person does not need the rest.
pub(super) fn may_leave() -> bool {
    !has_unsent() || window().confirm_with_message(super::words().unsent) == Ok(true)
}

/// Whether the browser is sending a form that leads the person away from what is typed elsewhere. By then every form that
/// script sends itself has prevented the default.
fn is_sent_by_browser() -> bool {
    SUBMIT.with_borrow(|submit| {
        let submit = submit.as_ref();
        submit.is_some_and(|submit| !submit.default_prevented() && !comes_back(submit))
    })
}

/// Whether the answer to a form is the page that the form is on. The page then asks before typed text is lost.
fn comes_back(submit: &Event) -> bool {
    let form = submit
        .target()
        .and_then(|form| form.dyn_into::<Element>().ok());
    form.is_some_and(|form| form.has_attribute(COMES_BACK))
}

/// Whether a form has text that the person has typed and not sent.
pub(crate) fn has_unsent() -> bool {
    let forms = document().query_selector_all(FORMS).ok();
    forms.is_some_and(|forms| {
        elements(&forms)
            .any(|form| !is(&form, SENT) && (form.has_attribute(REFUSED) || is_changed(&form)))
    })
}

/// Whether a field of a form has another value than the server has sent.
fn is_changed(form: &Element) -> bool {
    let fields = form.query_selector_all("input[name], textarea, option[selected]");
    fields.is_ok_and(|fields| {
        elements(&fields).any(|field| {
            let [now, before] = if field.local_name() == "option" {
                ["selected", "defaultSelected"]
            } else if field.matches("[type=checkbox], [type=radio]") == Ok(true) {
                ["checked", "defaultChecked"]
            } else {
                ["value", "defaultValue"]
            };
            script::get(&field, now) != script::get(&field, before)
        })
    })
}

fn is(element: &Element, property: &str) -> bool {
    script::get(element, property).is_some_and(|value| value.is_truthy())
}

fn elements(list: &NodeList) -> impl Iterator<Item = Element> {
    let nodes = (0..list.length()).filter_map(|index| list.get(index));
    nodes.filter_map(|node| node.dyn_into().ok())
}
