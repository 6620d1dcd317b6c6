//! Writes the Rust code of the catalogue.
//!
//! Every text has a number; a counted text has six, one for each form. The texts of a section have numbers in
//! a row. The server looks a number up in its table, and the browser in what the page brings.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::{
    catalogue::{Catalogue, Key, Message, Part, split},
    languages::{Language, WRITTEN},
    plural::Form,
};

/// The most sections: a page notes the sections that it needs in the bits of a number.
const MOST_SECTIONS: usize = 32;

/// The code of `languages`, of which the first is English.
pub fn code(languages: &[(Language, Catalogue)]) -> Result<String, String> {
    let Some((_, english)) = languages.first() else {
        return Err("there is no language".to_owned());
    };
    let sections = sections(english);
    if sections.len() > MOST_SECTIONS {
        return Err(format!("en.json has more than {MOST_SECTIONS} sections"));
    }
    let texts = numbered(english);
    let mut code = language_type(languages);
    code.push_str(&table(languages, &texts));
    code.push_str(&section_type(&sections, &texts));
    for section in &sections {
        code.push_str(&section_texts(section, &texts));
    }
    code.push_str("#[cfg_attr(feature = \"hydrate\", expect(dead_code, reason = \"the server says them\"))]\n");
    code.push_str("impl Text {\n");
    for text in texts.iter().filter(|text| text.key.section.is_none()) {
        code.push_str(&method(text, "only_on_server(self)"));
    }
    code.push_str("}\n");
    Ok(code)
}

/// A text of English, with its number.
struct Numbered<'a> {
    key: &'a Key,
    message: &'a Message,
    number: usize,
}

impl Numbered<'_> {
    fn slots(&self) -> usize {
        match self.message {
            Message::Plain(_) => 1,
            Message::Counted(_) => Form::ALL.len(),
        }
    }
}

fn numbered(english: &Catalogue) -> Vec<Numbered<'_>> {
    let (server, browser): (Vec<_>, Vec<_>) =
        english.0.iter().partition(|(key, _)| key.section.is_none());
    let mut next = 0;
    let mut texts = Vec::new();
    for (key, message) in browser.into_iter().chain(server) {
        let text = Numbered {
            key,
            message,
            number: next,
        };
        next += text.slots();
        texts.push(text);
    }
    texts
}

fn sections(english: &Catalogue) -> BTreeSet<&str> {
    let sections = english.0.keys().map(|key| key.section.as_deref());
    sections.flatten().collect()
}

fn language_type(languages: &[(Language, Catalogue)]) -> String {
    let [
        mut variants,
        mut all,
        mut written,
        mut codes,
        mut names,
        mut parses,
        mut directions,
        mut rules,
    ] = [const { String::new() }; 8];
    for (place, (language, _)) in languages.iter().enumerate() {
        let Language {
            code,
            name,
            direction,
            rule,
        } = language;
        let variant = type_name(code);
        let default = if place == 0 { "#[default]" } else { "" };
        _ = writeln!(variants, "/// `{code}`\n{default} {variant},");
        _ = write!(all, "Self::{variant}, ");
        if WRITTEN.iter().any(|written| written.code == *code) {
            _ = write!(written, "Self::{variant}, ");
        }
        _ = writeln!(codes, "Self::{variant} => \"{code}\",");
        _ = writeln!(names, "Self::{variant} => \"{name}\",");
        _ = writeln!(parses, "\"{code}\" => Some(Self::{variant}),");
        _ = writeln!(directions, "Self::{variant} => \"{direction}\",");
        _ = writeln!(rules, "Self::{variant} => Rule::{rule:?},");
    }
    format!(
        "/// A language with a catalogue.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum Language {{ {variants} }}

        #[expect(clippy::match_same_arms, reason = \"each language has a line\")]
        impl Language {{
            /// Every language, first the language that the product is written in.
            pub const ALL: &'static [Self] = &[{all}];

            /// The languages for people, without the pseudo-languages for tests.
            pub const WRITTEN: &'static [Self] = &[{written}];

            /// The BCP 47 code, for `<html lang>`.
            pub const fn code(self) -> &'static str {{ match self {{ {codes} }} }}

            /// The name in the language itself.
            pub const fn own_name(self) -> &'static str {{ match self {{ {names} }} }}

            /// The language of a BCP 47 code.
            pub fn from_code(code: &str) -> Option<Self> {{ match code {{ {parses} _ => None }} }}

            /// The direction of writing, for `<html dir>`.
            pub const fn direction(self) -> &'static str {{ match self {{ {directions} }} }}

            /// The rule by which a count chooses its form.
            pub const fn rule(self) -> Rule {{ match self {{ {rules} }} }}
        }}\n"
    )
}

/// The texts by language and number. A form that a language does not need is empty.
fn table(languages: &[(Language, Catalogue)], texts: &[Numbered]) -> String {
    let mut rows = String::new();
    for (_, catalogue) in languages {
        rows.push_str("&[\n");
        for text in texts {
            match catalogue.0.get(text.key) {
                Some(Message::Plain(words)) => _ = writeln!(rows, "{:?},", template(words)),
                Some(Message::Counted(forms)) => {
                    for form in Form::ALL {
                        let words = forms.get(&form).map(|words| template(words));
                        _ = writeln!(rows, "{:?},", words.unwrap_or_default());
                    }
                }
                None => {}
            }
        }
        rows.push_str("],\n");
    }
    format!(
        "/// The texts by language and number.
        #[cfg(not(feature = \"hydrate\"))]
        const TEXTS: &[&[&str]] = &[{rows}];\n"
    )
}

/// `{{ name }}` becomes `{name}`, which is found faster.
fn template(text: &str) -> String {
    split(text)
        .into_iter()
        .map(|part| match part {
            Part::Literal(words) => words,
            Part::Variable(name) => format!("{{{name}}}"),
        })
        .collect()
}

fn section_type(sections: &BTreeSet<&str>, texts: &[Numbered]) -> String {
    let mut numbers: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for text in texts {
        if let Some(section) = &text.key.section {
            let first = numbers
                .get(section.as_str())
                .map_or(text.number, |(first, _)| *first);
            numbers.insert(section, (first, text.number + text.slots()));
        }
    }
    let [mut variants, mut all, mut ranges] = [const { String::new() }; 3];
    for section in sections {
        let variant = type_name(section);
        let (first, end) = numbers.get(section).copied().unwrap_or_default();
        _ = writeln!(variants, "/// `{section}`\n{variant},");
        _ = write!(all, "Self::{variant}, ");
        _ = writeln!(ranges, "Self::{variant} => {first}..{end},");
    }
    format!(
        "/// A part of the catalogue that a page brings to the browser if the page needs it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Section {{ {variants} }}

        impl Section {{
            /// Every section.
            pub const ALL: &'static [Self] = &[{all}];

            /// The numbers of its texts.
            pub const fn numbers(self) -> Range<usize> {{ match self {{ {ranges} }} }}
        }}\n"
    )
}

fn section_texts(section: &str, texts: &[Numbered]) -> String {
    let variant = type_name(section);
    let of_section = |text: &&Numbered| text.key.section.as_deref() == Some(section);
    let methods: String = texts
        .iter()
        .filter(of_section)
        .map(|text| method(text, "self.0"))
        .collect();
    format!(
        "/// The texts of the section `{section}`.
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct {variant}Text(Text);

        /// The texts of the section `{section}`. If an island asks, the page brings them to the browser.
        pub(crate) fn {section}() -> {variant}Text {{ {variant}Text(asked_for(Section::{variant})) }}

        impl {variant}Text {{ {methods} }}\n"
    )
}

/// The method that says a text. `text` is the expression for the `Text` that looks the number up.
fn method(of: &Numbered, text: &str) -> String {
    let Numbered {
        key,
        message,
        number,
    } = of;
    let (mut parameters, mut values) = (String::new(), String::new());
    let shown = match message {
        Message::Plain(words) => words,
        Message::Counted(forms) => {
            parameters.push_str(", count: u32");
            forms.get(&Form::Other).unwrap_or(&key.name)
        }
    };
    for variable in message.variables() {
        _ = write!(parameters, ", {variable}: &str");
        _ = write!(values, "({variable:?}, {variable}), ");
    }
    let (returns, body) = match message {
        Message::Plain(_) if values.is_empty() => ("&'static str", format!("say({number})")),
        Message::Plain(_) => ("String", format!("fill({number}, &[{values}])")),
        Message::Counted(_) => ("String", format!("count({number}, count, &[{values}])")),
    };
    let shown = shown.replace("{{ ", "`").replace(" }}", "`");
    format!(
        "/// {shown}
        pub(crate) fn {}(self{parameters}) -> {returns} {{ {text}.{body} }}\n",
        key.name
    )
}

/// `pt-BR` becomes `PtBr`, `log_in` becomes `LogIn`.
fn type_name(name: &str) -> String {
    name.split(['-', '_'])
        .flat_map(|part| {
            let mut letters = part.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first
                .into_iter()
                .chain(letters.map(|letter| letter.to_ascii_lowercase()))
        })
        .collect()
}
