//! What `cargo xtask run` and `dev` tell the person who tries Latchkey out, in the language of the person. Everything
//! else speaks to developers, in English.

use std::env;

use latchkey_texts::{Language, locale};

include!(concat!(env!("OUT_DIR"), "/text.rs"));

impl Text {
    /// The texts in the language that the environment asks for.
    pub(crate) fn of_environment() -> Self {
        Self::new(locale::language(|name| env::var(name).ok()))
    }
}
