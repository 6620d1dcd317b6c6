//! The browser's half: takes over the islands in the page that the server rendered.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's script for the content of each page, with a function that hydrates its islands.
#[cfg(feature = "logged-in")]
#[wasm_bindgen]
pub fn in_page(hydrate: &js_sys::Function) -> Result<(), wasm_bindgen::JsValue> {
    latchkey_app::in_page(hydrate)
}

/// Called once by the page's script.
#[wasm_bindgen]
pub fn hydrate() {
    // Not in a release: words for developers, which every browser would load.
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    latchkey_app::start();
}
