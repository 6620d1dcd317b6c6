//! The build refuses a catalogue that does not fit English, and says why.

use latchkey_texts::Language;

use super::{
    catalogue::Catalogue,
    files::{self, Files},
    generate, pseudo,
};

const SOURCE: &str = r#"{
    "greeting": "Hello, {{ name }}",
    "error": {
        "busy_one": "Wait {{ count }} second, {{ name }}",
        "busy_other": "Wait {{ count }} seconds, {{ name }}"
    }
}"#;

fn problems(code: &str, json: &str) -> Vec<String> {
    let english = Catalogue::parse(SOURCE).unwrap();
    let rule = Language::from_code(code).unwrap().rule();
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
}

#[test]
fn a_pseudo_language_has_every_text_in_its_own_forms_and_is_longer() {
    let english = Catalogue::parse(SOURCE).unwrap();
    for (language, style) in pseudo::languages() {
        let pseudo = pseudo::translate(&english, style, language.rule());
        assert_eq!(pseudo.problems(&english, language.rule()), [""; 0]);
    }
    let long = pseudo::translate(&english, pseudo::Style::Long, Language::En.rule());
    let length = |catalogue: &Catalogue| format!("{:?}", catalogue.0.values()).chars().count();
    assert!(length(&long) * 10 >= length(&english) * 13);
}

/// A file for each language, all with the same text.
fn files(json: &str) -> Files {
    let codes = Language::WRITTEN.iter().map(|language| language.code());
    codes
        .map(|code| (code.to_owned(), json.to_owned()))
        .collect()
}

#[test]
fn each_language_needs_a_file_and_no_file_is_left_over() {
    let mut files = files(r#"{ "yes": "Yes" }"#);
    let languages = files::check(&files).unwrap();
    assert_eq!(languages.len(), Language::WRITTEN.len());
    assert_eq!(languages[0].0, Language::En);
    files.remove("pl");
    files.insert("tlh".to_owned(), "{}".to_owned());
    assert_eq!(
        files::check(&files).unwrap_err(),
        [
            "tlh.json: texts/src/language.rs has no language of this code for people",
            "pl.json: is missing",
        ]
    );
}

#[test]
fn a_mistake_is_told_with_the_name_of_its_file() {
    let mut files = files(r#"{ "yes": "Yes" }"#);
    files.insert("de".to_owned(), "{}".to_owned());
    files.insert("fr".to_owned(), r#"{ "yes": 1 }"#.to_owned());
    assert_eq!(
        files::check(&files).unwrap_err(),
        [
            "fr.json: `yes` is neither a text nor a section",
            "de.json: `yes` is missing",
        ]
    );
}

#[test]
fn a_program_has_a_method_for_each_text_and_no_sections() {
    let of = |json| generate::of_program(&files::check(&files(json)).unwrap());
    let code = of(r#"{ "hello": "Hello, {{ name }}" }"#).unwrap();
    assert!(
        code.contains("fn hello(self, name: &str) -> String"),
        "{code}"
    );
    let refused = of(r#"{ "page": { "hello": "Hello" } }"#).unwrap_err();
    assert_eq!(
        refused,
        "en.json: `page` is a section, which only pages have"
    );
}
