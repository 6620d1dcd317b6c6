//! The browser's half: takes over the islands in the page that the server rendered.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page's script.
#[wasm_bindgen]
pub fn hydrate() {
    // Not in a release: words for developers, which everybody would load.
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    latchkey_app::start();
}
