//! The languages of the product, and how a text of a catalogue becomes a sentence.
//!
//! Pages and programs have catalogues of their own, in `app/locales`, `server/locales` and `xtask/locales`. The crate
//! `latchkey-texts-build` turns each into typed methods when the product is built; this crate is what those methods
//! need at run time.

mod fill;
mod language;
pub mod locale;
mod plural;
mod program;

pub use fill::fill;
pub use language::Language;
pub use plural::{Form, Rule};
pub use program::Texts;
