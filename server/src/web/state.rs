//! The state that handlers and layers of the web share.

use std::sync::Arc;

use axum::extract::FromRef;
use latchkey_app::Files;
use latchkey_core::Core;
use leptos::prelude::LeptosOptions;

/// The core, and the files of the front end.
#[derive(Clone)]
pub(super) struct WebState {
    pub core: Core,
    pub files: Arc<Files>,
}

/// leptos requires these options, but does not use them, because Latchkey has its own file names and handlers.
impl FromRef<WebState> for LeptosOptions {
    fn from_ref(_: &WebState) -> Self {
        Self::builder().output_name("").build()
    }
}
