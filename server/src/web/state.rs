//! The state that handlers and layers of the web share.

use std::sync::Arc;

use latchkey_app::{Files, registry::Registry};
use latchkey_core::Core;

/// The core, the files of the front end, and everything that is served.
#[derive(Clone)]
pub(super) struct WebState {
    pub core: Core,
    pub files: Arc<Files>,
    pub registry: Arc<Registry>,
}
