//! Browser functions of an open page, beyond forms.

use js_sys::{Function, Number, Reflect};
use leptos::prelude::document;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::Event;

use crate::{browser, wire::ApiError};

/// The attribute of the document's root while the browser sends a form, perhaps the log-out form, whose answer leads to
/// another page. `take_over.js` sets the attribute, and the page's other scripts read it, too.
pub(super) const SENDING: &str = "data-sending";

/// Notes that the browser does not send a form any more.
pub(super) fn end_sending() {
    if let Some(root) = document().document_element() {
        let _ = root.remove_attribute(SENDING);
    }
}

/// Whether the browser sends a form.
pub(super) fn is_sending() -> bool {
    let root = document().document_element();
    root.is_some_and(|root| root.has_attribute(SENDING))
}

/// A property, if this browser has it.
pub(super) fn get(of: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(of, &JsValue::from_str(name)).ok()?;
    (!value.is_undefined()).then_some(value)
}

/// A JavaScript function that lives as long as the page.
pub(super) fn function(hear: impl FnMut(Event) + 'static) -> Function {
    let hear: Box<dyn FnMut(Event)> = Box::new(hear);
    Closure::wrap(hear).into_js_value().unchecked_into()
}

/// A number as JavaScript writes it. Rust's own way brings 20 kB of code and tables.
pub(super) fn written(number: f64) -> String {
    let written = Number::from(number).to_string_with_radix(10);
    written.map(String::from).unwrap_or_default()
}

/// What a server function answers.
pub(super) async fn read<T: DeserializeOwned>(path: &str, options: &str) -> Result<T, ApiError> {
    let answer = browser::ask(path, &browser::options(options)).await;
    ApiError::read(answer)
}
