//! A form that calls a server function.

use leptos::{
    ev::SubmitEvent,
    form::FromFormData,
    prelude::*,
    server_fn::{Http, ServerFn, codec::PostUrl},
};
use serde::de::DeserializeOwned;

use crate::page::FormAction;

/// A form that calls a server function in place. Without script the browser posts the same fields to the function's
/// address.
///
/// The form of the framework erases the type of its children, and with it brings their hydration into WebAssembly
/// twice. This form keeps the type, which makes every page smaller (docs/performance.md).
#[component]
pub fn ServerForm<S, P, C>(
    action: FormAction<S>,
    #[prop(optional)] id: Option<&'static str>,
    children: TypedChildren<C>,
) -> impl IntoView
where
    S: ServerFn<Protocol = Http<PostUrl, P>> + DeserializeOwned + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
    S::Error: Send + Sync + 'static,
    C: IntoView + 'static,
{
    let submit = move |event: SubmitEvent| {
        if event.default_prevented() {
            return;
        }
        // The server answers fields that are no arguments of the function.
        if let Ok(arguments) = S::from_event(&event) {
            event.prevent_default();
            action.dispatch(arguments);
        }
    };
    view! {
        <form id=id action=S::url() method="post" on:submit=submit>
            {children.into_inner()()}
        </form>
    }
}
