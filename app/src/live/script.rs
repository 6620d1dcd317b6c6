//! Browser functions of an open page, beyond forms.

use js_sys::{Function, JSON, Reflect};
use leptos::prelude::window;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, RequestInit, Response};

use crate::wire::ApiError;

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

/// Sends a request, with options as JSON, which makes smaller code than building them.
pub(super) async fn fetch(path: &str, options: &str) -> Option<Response> {
    let options: RequestInit = JSON::parse(options).ok()?.unchecked_into();
    let asked = window().fetch_with_str_and_init(path, &options);
    JsFuture::from(asked).await.ok().map(Response::from)
}

/// The text of an answer.
pub(super) async fn text(answer: &Response) -> Option<String> {
    JsFuture::from(answer.text().ok()?).await.ok()?.as_string()
}

/// What a server function answers.
pub(super) async fn read<T: DeserializeOwned>(path: &str, options: &str) -> Result<T, ApiError> {
    let answer = fetch(path, options).await.ok_or(ApiError::Unreachable)?;
    let text = text(&answer).await.ok_or(ApiError::Unreachable)?;
    if answer.ok() {
        serde_json::from_str(&text).or(Err(ApiError::ForeignAnswer))
    } else {
        Err(serde_json::from_str(&text).unwrap_or(ApiError::ForeignAnswer))
    }
}
