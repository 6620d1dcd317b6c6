//! Refuses WebAssembly that has texts of the product: a page brings the texts that it needs.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use regex::bytes::RegexBuilder;
use serde_json::Value;

/// What `app/src/text.rs` says where an island uses a text of no section.
const ONLY_ON_SERVER: &str = "an island says a text of no section";

/// The shortest words that are looked for. Shorter ones, as in "Devices", are also parts of names in the code.
const SHORTEST: usize = 12;

/// The most bytes of the compiled search for the words of all catalogues.
const SIZE_LIMIT: usize = 256 << 20;

/// Fails if the module has words of a catalogue, or reaches a text that no page brings.
pub(super) fn refuse(locales: &Path, module: &[u8]) -> Result<()> {
    ensure!(
        !has(module, ONLY_ON_SERVER),
        "an island uses a text that no page brings to the browser: move the text into a section of app/locales/en.json"
    );
    let mut pieces = Vec::new();
    for file in fs::read_dir(locales)? {
        let path = file?.path();
        let json = fs::read_to_string(&path)?;
        let catalogue = serde_json::from_str(&json)
            .with_context(|| format!("cannot read {}", path.display()))?;
        pieces.extend(words(&catalogue).into_iter().map(regex::escape));
    }
    // One search for all words: a search for each would take minutes with six languages.
    let any = RegexBuilder::new(&pieces.join("|"))
        .size_limit(SIZE_LIMIT)
        .build()?;
    if let Some(found) = any.find(module) {
        bail!(
            "contains the text {:?}",
            String::from_utf8_lossy(found.as_bytes())
        );
    }
    Ok(())
}

/// The words of all texts between their variables. A single word proves nothing.
fn words(catalogue: &Value) -> Vec<&str> {
    match catalogue {
        Value::String(text) => text
            .split("{{")
            .map(|piece| {
                piece
                    .split_once("}}")
                    .map_or(piece, |(_, words)| words)
                    .trim()
            })
            .filter(|words| words.len() >= SHORTEST && words.contains(' '))
            .collect(),
        Value::Object(section) => section.values().flat_map(words).collect(),
        _ => Vec::new(),
    }
}

fn has(module: &[u8], words: &str) -> bool {
    module
        .windows(words.len())
        .any(|place| place == words.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locales() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/locales")
    }

    #[test]
    fn a_text_in_the_module_is_found() {
        let module = |words: &str| [b"\0asm", words.as_bytes(), b"\0"].concat();
        assert!(refuse(&locales(), &module("no text")).is_ok());
        for text in [
            "Too many failed attempts. Wait ",
            "Stay logged in",
            "Angemeldet bleiben",
            ONLY_ON_SERVER,
        ] {
            assert!(refuse(&locales(), &module(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn most_texts_are_looked_for() {
        let json = fs::read_to_string(locales().join("en.json")).unwrap();
        let catalogue = serde_json::from_str(&json).unwrap();
        assert!(words(&catalogue).len() > 150);
        let text = Value::String("You logged in at {{ time }} from {{ device }}.".to_owned());
        assert_eq!(words(&text), ["You logged in at"]);
    }
}
