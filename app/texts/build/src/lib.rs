//! Turns `locales/*.json` of a package into the typed catalogue that the package includes. A build script calls it.
//!
//! English says which texts there are. Every other language is held against English, and the pseudo-languages are
//! made from English. A mistake in a catalogue fails the build.

mod catalogue;
mod files;
mod generate;
mod pseudo;

use std::{env, error::Error, fs, path::Path};

use latchkey_texts::Language;

use catalogue::Catalogue;

const FOLDER: &str = "locales";

/// Writes the catalogue of pages: texts that the server says, and sections that a page brings to the browser.
pub fn for_pages() -> Result<(), Box<dyn Error>> {
    let mut all = read()?;
    if let Some((_, english)) = all.first() {
        let made = pseudo::languages().map(|(language, style)| {
            let texts = pseudo::translate(english, style, language.rule());
            (language, texts)
        });
        all.extend(made);
    }
    write(&generate::of_pages(&all)?)
}

/// Writes the catalogue of a program that speaks to a person at a terminal.
pub fn for_program() -> Result<(), Box<dyn Error>> {
    write(&generate::of_program(&read()?)?)
}

/// The catalogue of each language, English first.
fn read() -> Result<Vec<(Language, Catalogue)>, Box<dyn Error>> {
    println!("cargo:rerun-if-changed={FOLDER}");
    let files = files::read(Path::new(FOLDER))?;
    files::check(&files).map_err(|problems| {
        let package = env::var("CARGO_PKG_NAME").unwrap_or_default();
        format!("{FOLDER} of {package}: {}", problems.join("; ")).into()
    })
}

fn write(code: &str) -> Result<(), Box<dyn Error>> {
    let target = Path::new(&env::var("OUT_DIR")?).join("text.rs");
    Ok(fs::write(target, code)?)
}

#[cfg(test)]
mod tests;
