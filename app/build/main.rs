//! Turns `locales/*.json` into the typed catalogue that `src/text.rs` includes.
//!
//! English says which texts there are. Every other language is held against English, and the pseudo-languages
//! are made from English. A mistake in a catalogue fails the build.

mod catalogue;
mod generate;
mod languages;
#[path = "../src/text/plural.rs"]
#[expect(dead_code, reason = "the product uses the rest")]
mod plural;
mod pseudo;

use std::{collections::BTreeMap, env, error::Error, fs, path::Path};

use catalogue::Catalogue;
use languages::{ENGLISH, Language, PSEUDO};

fn main() -> Result<(), Box<dyn Error>> {
    for input in ["locales", "build", "src/text/plural.rs"] {
        println!("cargo:rerun-if-changed={input}");
    }
    let mut written = read(Path::new("locales"))?;
    let english = written
        .remove(ENGLISH.code)
        .ok_or("locales/en.json is missing")?;
    let mut problems = english.problems(&english, ENGLISH.rule);
    let mut all: Vec<(Language, Catalogue)> = Vec::new();
    for (code, catalogue) in written {
        let language = Language::of(&code)?;
        let found = catalogue.problems(&english, language.rule);
        problems.extend(found.iter().map(|found| format!("{code}.json: {found}")));
        all.push((language, catalogue));
    }
    if !problems.is_empty() {
        return Err(format!("app/locales: {}", problems.join("; ")).into());
    }
    for (language, style) in PSEUDO {
        all.push((language, pseudo::translate(&english, style, language.rule)));
    }
    all.insert(0, (ENGLISH, english));
    let target = Path::new(&env::var("OUT_DIR")?).join("text.rs");
    fs::write(target, generate::code(&all)?)?;
    Ok(())
}

fn read(folder: &Path) -> Result<BTreeMap<String, Catalogue>, Box<dyn Error>> {
    let mut catalogues = BTreeMap::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if let Some(code) = name.strip_suffix(".json") {
            let catalogue = Catalogue::parse(&fs::read_to_string(&path)?)
                .map_err(|error| format!("app/locales/{name}: {error}"))?;
            catalogues.insert(code.to_owned(), catalogue);
        }
    }
    Ok(catalogues)
}
