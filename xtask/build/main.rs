//! Turns `locales/*.json` into the typed catalogue that `src/text.rs` includes.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    latchkey_texts_build::for_program()
}
