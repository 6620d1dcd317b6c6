//! The languages that the build knows.

use super::{plural::Rule, pseudo::Style};

/// What a language needs besides its texts.
#[derive(Clone, Copy, Debug)]
pub struct Language {
    /// The BCP 47 code, which is also the name of the file in `locales`.
    pub code: &'static str,
    /// The name in the language itself.
    pub name: &'static str,
    /// The direction of writing, for `<html dir>`.
    pub direction: &'static str,
    /// The rule by which a count chooses its form.
    pub rule: Rule,
}

const fn language(
    code: &'static str,
    name: &'static str,
    direction: &'static str,
    rule: Rule,
) -> Language {
    Language {
        code,
        name,
        direction,
        rule,
    }
}

/// The language that says which texts there are.
pub const ENGLISH: Language = language("en", "English", "ltr", Rule::OneOrMore);

/// The languages that may have a file in `locales`. A language ships if its file exists.
pub const WRITTEN: [Language; 6] = [
    ENGLISH,
    language("ar", "العربية", "rtl", Rule::Arabic),
    language("de", "Deutsch", "ltr", Rule::OneOrMore),
    language("es", "Español", "ltr", Rule::Spanish),
    language("fr", "Français", "ltr", Rule::French),
    language("pl", "Polski", "ltr", Rule::Polish),
];

/// The languages that the build makes from English, for tests. Browsers and tools know these codes for this
/// purpose.
pub const PSEUDO: [(Language, Style); 2] = [
    (
        language("en-XA", "English, longer", "ltr", Rule::OneOrMore),
        Style::Long,
    ),
    (
        language("ar-XB", "English, right to left", "rtl", Rule::Arabic),
        Style::RightToLeft,
    ),
];

impl Language {
    /// The language of a file in `locales`.
    pub fn of(code: &str) -> Result<Self, String> {
        let found = WRITTEN.into_iter().find(|language| language.code == code);
        found.ok_or_else(|| {
            format!(
                "app/locales/{code}.json: add name, direction and plural rule of `{code}` to app/build/languages.rs"
            )
        })
    }
}
