//! Writes the Rust code of the catalogue.
//!
//! Every text has a number; a counted text has six, one for each form. The texts of a section have numbers in
//! a row. The server looks a number up in its table, and the browser in what the page brings.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use latchkey_texts::{Form, Language};

use super::catalogue::{Catalogue, Key, Message, Part, split};

/// The most sections: a page notes the sections that it needs in the bits of a number.
const MOST_SECTIONS: usize = 32;

/// The code of a catalogue of pages, of which the first language is English.
pub fn of_pages(languages: &[(Language, Catalogue)]) -> Result<String, String> {
    let english = english(languages)?;
    let sections = sections(english);
    if sections.len() > MOST_SECTIONS {
        return Err(format!("en.json has more than {MOST_SECTIONS} sections"));
    }
    let texts = numbered(english);
    let mut code = String::from("#[cfg(not(feature = \"hydrate\"))]\n");
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

/// The code of a catalogue of a program, of which the first language is English.
pub fn of_program(languages: &[(Language, Catalogue)]) -> Result<String, String> {
    let english = english(languages)?;
    if let Some(section) = sections(english).first() {
        return Err(format!(
            "en.json: `{section}` is a section, which only pages have"
        ));
    }
    let texts = numbered(english);
    let mut code = table(languages, &texts);
    code.push_str(
        "/// The texts of this program in one language.
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct Text(latchkey_texts::Texts);

        impl Text {
            /// The texts of `language`.
            pub(crate) fn new(language: Language) -> Self {
                Self(latchkey_texts::Texts::new(TEXTS, language))
            }\n",
    );
    for text in &texts {
        code.push_str(&method(text, "self.0"));
    }
    code.push_str("}\n");
    Ok(code)
}

fn english(languages: &[(Language, Catalogue)]) -> Result<&Catalogue, String> {
    let first = languages.first().ok_or("there is no language")?;
    Ok(&first.1)
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
    // Two backticks stand around the text, because the text may have commands between single ones.
    let shown = template(shown);
    format!(
        "/// `` {shown} ``
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
