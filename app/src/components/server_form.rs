//! A form that calls a server function.

use leptos::{
    ev::SubmitEvent,
    prelude::*,
    server_fn::{Http, ServerFn, codec::PostUrl},
};
use serde::de::DeserializeOwned;

use crate::{
    browser,
    page::{self, FormAction},
    wire::ApiError,
};

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
    S: ServerFn<Protocol = Http<PostUrl, P>, Error = ApiError> + 'static,
    S::Output: DeserializeOwned + Clone + Send + Sync + 'static,
    C: IntoView + 'static,
{
    let submit = move |event: SubmitEvent| {
        if !event.default_prevented() && !browser::leads_elsewhere(&event) {
            action.submit(&event);
        }
    };
    view! {
        <form id=id action=page::form_address(S::url()) method="post" on:submit=submit>
            {children.into_inner()()}
        </form>
    }
}
