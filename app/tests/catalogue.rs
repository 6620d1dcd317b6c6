//! The build refuses a catalogue that does not fit English, and says why.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../build/catalogue.rs"]
mod catalogue;
#[path = "../build/languages.rs"]
#[expect(dead_code, reason = "the build uses the rest")]
mod languages;
#[path = "../src/text/plural.rs"]
#[expect(dead_code, reason = "the product uses the rest")]
mod plural;
#[path = "../build/pseudo.rs"]
mod pseudo;

use catalogue::Catalogue;
use languages::{ENGLISH, Language, PSEUDO};

const SOURCE: &str = r#"{
    "greeting": "Hello, {{ name }}",
    "error": {
        "busy_one": "Wait {{ count }} second, {{ name }}",
        "busy_other": "Wait {{ count }} seconds, {{ name }}"
    }
}"#;

fn problems(code: &str, json: &str) -> Vec<String> {
    let english = Catalogue::parse(SOURCE).unwrap();
    let rule = Language::of(code).unwrap().rule;
    Catalogue::parse(json).unwrap().problems(&english, rule)
}

fn polish(busy: &str) -> String {
    format!(r#"{{ "greeting": "Witaj, {{{{ name }}}}", "error": {{ {busy} }} }}"#)
}

const POLISH: &str = r#"
    "busy_one": "Zaczekaj {{ count }} sekundę, {{ name }}",
    "busy_few": "Zaczekaj {{ count }} sekundy, {{ name }}",
    "busy_many": "Zaczekaj {{ count }} sekund, {{ name }}"
"#;

#[test]
fn a_language_with_exactly_its_own_forms_is_fine() {
    assert_eq!(problems("en", SOURCE), [""; 0]);
    assert_eq!(problems("pl", &polish(POLISH)), [""; 0]);
}

#[test]
fn a_form_that_the_language_lacks_or_does_not_need_is_refused() {
    assert_eq!(
        problems("pl", SOURCE),
        [
            "`error.busy` lacks the form `few`",
            "`error.busy` lacks the form `many`",
            "`error.busy` has the form `other`, which no number chooses",
        ]
    );
    assert_eq!(
        problems("en", &polish(POLISH)),
        [
            "`error.busy` lacks the form `other`",
            "`error.busy` has the form `few`, which no number chooses",
            "`error.busy` has the form `many`, which no number chooses",
        ]
    );
}

#[test]
fn a_missing_and_an_extra_text_are_refused() {
    assert_eq!(
        problems(
            "de",
            r#"{ "greeting": "Hallo, {{ name }}", "gruss": "Hallo" }"#
        ),
        ["`error.busy` is missing", "`gruss` is not in en.json"]
    );
}

#[test]
fn a_missing_and_an_unknown_variable_are_refused() {
    let german = |greeting: &str| SOURCE.replace("Hello, {{ name }}", greeting);
    assert_eq!(
        problems("de", &german("Hallo, {{ nmae }}")),
        [
            "`greeting` lacks the variable `name`",
            "`greeting` has the unknown variable `nmae`",
        ]
    );
    assert_eq!(
        problems("de", &german("Hallo, {{ name }}, {{name}}")),
        ["`greeting` has a brace that belongs to no variable"]
    );
    assert_eq!(
        problems("de", &german("Hallo, {{ name }} ({{ count }})")),
        [
            "`greeting` counts, so it needs a text for each form",
            "`greeting` has the unknown variable `count`",
        ]
    );
}

#[test]
fn a_form_may_say_its_number_in_words() {
    let german = SOURCE.replace("Wait {{ count }} second,", "Warte eine Sekunde,");
    assert_eq!(problems("de", &german), [""; 0]);
}

#[test]
fn a_text_that_is_counted_in_one_language_only_is_refused() {
    assert_eq!(
        problems("de", &polish(r#""busy": "{{ name }}""#)),
        ["`error.busy` is counted in en.json"]
    );
    let counted = SOURCE.replace("\"greeting\"", "\"greeting_other\"");
    assert_eq!(
        problems("de", &counted),
        ["`greeting` is not counted in en.json"]
    );
}

#[test]
fn a_file_that_contradicts_itself_is_refused() {
    for (json, expected) in [
        (
            r#"{ "a": "1", "a_other": "2" }"#,
            "`a` is both a plain text and a counted text",
        ),
        (r#"{ "a": 1 }"#, "`a` is neither a text nor a section"),
        (r#"{ "a": { "b": 1 } }"#, "`a.b` is no text"),
    ] {
        assert_eq!(Catalogue::parse(json).unwrap_err(), expected);
    }
    assert!(Language::of("tlh").unwrap_err().contains("languages.rs"));
}

#[test]
fn a_pseudo_language_has_every_text_in_its_own_forms_and_is_longer() {
    let english = Catalogue::parse(SOURCE).unwrap();
    for (language, style) in PSEUDO {
        let pseudo = pseudo::translate(&english, style, language.rule);
        assert_eq!(pseudo.problems(&english, language.rule), [""; 0]);
    }
    let long = pseudo::translate(&english, pseudo::Style::Long, ENGLISH.rule);
    let length = |catalogue: &Catalogue| format!("{:?}", catalogue.0.values()).chars().count();
    assert!(length(&long) * 10 >= length(&english) * 13);
}
