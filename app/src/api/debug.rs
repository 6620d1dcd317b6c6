//! Debug mode of the visitor's session.

use latchkey_words::{Resource, Verb};
use leptos::prelude::*;

use crate::{
    audience::Audience,
    function::Function,
    routes,
    wire::{ApiError, debug::DebugMode},
};

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] =
    &[
        Function::of::<SetDebugMode>(Audience::Right(Verb::Read, Resource::DEBUG_MODE))
            .with_form_on_every_page(routes::HOME),
    ];

/// Turns the debug mode of the session on (`1`, `assets`) or off (`0`), for all its pages from the next request on.
#[server(endpoint = "set_debug_mode")]
pub async fn set_debug_mode(mode: DebugMode) -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    visitor.set_debug_mode(mode).await
}
