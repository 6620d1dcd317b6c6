//! The files of a catalogue: one for each language, which agree with the file of English.

use std::{collections::BTreeMap, fs, io, path::Path};

use latchkey_texts::Language;

use super::catalogue::Catalogue;

/// The content of each file by the code of its language.
pub(crate) type Files = BTreeMap<String, String>;

pub(crate) fn read(folder: &Path) -> io::Result<Files> {
    let mut files = Files::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if let Some(code) = name.strip_suffix(".json") {
            files.insert(code.to_owned(), fs::read_to_string(&path)?);
        }
    }
    Ok(files)
}

/// The catalogue of each language, English first, or everything that is wrong.
pub(crate) fn check(files: &Files) -> Result<Vec<(Language, Catalogue)>, Vec<String>> {
    let mut problems: Vec<String> = files
        .keys()
        .filter(|code| !Language::WRITTEN.iter().any(|known| known.code() == *code))
        .map(|code| {
            format!("{code}.json: texts/src/language.rs has no language of this code for people")
        })
        .collect();
    let mut all: Vec<(Language, Catalogue)> = Vec::new();
    for language in Language::WRITTEN {
        let code = language.code();
        let parsed = match files.get(code) {
            Some(json) => Catalogue::parse(json),
            None => Err("is missing".to_owned()),
        };
        match parsed {
            Ok(catalogue) => all.push((*language, catalogue)),
            Err(problem) => problems.push(format!("{code}.json: {problem}")),
        }
    }
    if let Some((Language::En, english)) = all.first() {
        for (language, catalogue) in &all {
            let found = catalogue.problems(english, language.rule()).into_iter();
            problems.extend(found.map(|found| format!("{}.json: {found}", language.code())));
        }
    }
    if problems.is_empty() {
        Ok(all)
    } else {
        Err(problems)
    }
}
