//! The texts of a language, and what may be wrong with them.

use std::collections::{BTreeMap, BTreeSet};

use latchkey_texts::{Form, Rule};
use serde_json::Value;

/// The texts of a language by their key.
#[derive(Debug)]
pub struct Catalogue(pub BTreeMap<Key, Message>);

/// The name of a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The section, which browsers get; `None` for a text that only the server says.
    pub section: Option<String>,
    /// The name, without the form of a counted text.
    pub name: String,
}

/// A text, or the forms of a counted text.
#[derive(Debug)]
pub enum Message {
    /// A text without a count.
    Plain(String),
    /// A text for each form.
    Counted(BTreeMap<Form, String>),
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Literal(String),
    /// The name of a variable.
    Variable(String),
}

impl Catalogue {
    /// Reads a file of `locales`: texts, and sections of texts.
    pub fn parse(json: &str) -> Result<Self, String> {
        let file: BTreeMap<String, Value> =
            serde_json::from_str(json).map_err(|error| error.to_string())?;
        let mut catalogue = Self(BTreeMap::new());
        for (name, value) in file {
            match value {
                Value::String(text) => catalogue.add(None, &name, text)?,
                Value::Object(section) => {
                    for (key, value) in section {
                        let Value::String(text) = value else {
                            return Err(format!("`{name}.{key}` is no text"));
                        };
                        catalogue.add(Some(&name), &key, text)?;
                    }
                }
                _ => return Err(format!("`{name}` is neither a text nor a section")),
            }
        }
        Ok(catalogue)
    }

    fn add(&mut self, section: Option<&str>, written: &str, text: String) -> Result<(), String> {
        let counted = Form::ALL.into_iter().find_map(|form| {
            let name = written.strip_suffix(form.name())?.strip_suffix('_')?;
            Some((name, form))
        });
        let key = Key {
            section: section.map(str::to_owned),
            name: counted.map_or(written, |(name, _)| name).to_owned(),
        };
        let both = format!("`{}` is both a plain text and a counted text", key.said());
        match (counted, self.0.get_mut(&key)) {
            (Some((_, form)), Some(Message::Counted(forms))) => {
                forms.insert(form, text);
            }
            (Some((_, form)), None) => {
                self.0.insert(key, Message::Counted([(form, text)].into()));
            }
            (None, None) => {
                self.0.insert(key, Message::Plain(text));
            }
            (_, Some(_)) => return Err(both),
        }
        Ok(())
    }

    /// Everything that is wrong, held against English.
    pub fn problems(&self, english: &Self, rule: Rule) -> Vec<String> {
        let mut problems = Vec::new();
        for (key, reference) in &english.0 {
            match self.0.get(key) {
                None => problems.push(format!("`{}` is missing", key.said())),
                Some(message) => {
                    let found = message.problems(reference, rule);
                    problems.extend(
                        found
                            .iter()
                            .map(|found| format!("`{}` {found}", key.said())),
                    );
                }
            }
        }
        let extra = self.0.keys().filter(|key| !english.0.contains_key(*key));
        problems.extend(extra.map(|key| format!("`{}` is not in en.json", key.said())));
        problems
    }
}

impl Key {
    /// The key as in "error.busy".
    pub fn said(&self) -> String {
        match &self.section {
            Some(section) => format!("{section}.{}", self.name),
            None => self.name.clone(),
        }
    }
}

impl Message {
    /// The variables, without the count.
    pub fn variables(&self) -> BTreeSet<String> {
        let mut variables: BTreeSet<_> = self.texts().flat_map(variables).collect();
        if matches!(self, Self::Counted(_)) {
            variables.remove("count");
        }
        variables
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let (plain, counted) = match self {
            Self::Plain(text) => (Some(text), None),
            Self::Counted(forms) => (None, Some(forms.values())),
        };
        plain
            .into_iter()
            .chain(counted.into_iter().flatten())
            .map(String::as_str)
    }

    fn problems(&self, reference: &Self, rule: Rule) -> Vec<String> {
        let mut problems = match (self, reference) {
            (Self::Counted(forms), Self::Counted(_)) => form_problems(forms, rule),
            (Self::Plain(_), Self::Plain(_)) => Vec::new(),
            (Self::Plain(_), _) => return vec!["is counted in en.json".to_owned()],
            (Self::Counted(_), _) => return vec!["is not counted in en.json".to_owned()],
        };
        let expected = reference.variables();
        for text in self.texts() {
            let mut found = variables(text);
            if matches!(self, Self::Counted(_)) {
                // A form may say its number in words, as in "one device".
                found.remove("count");
            } else if found.contains("count") {
                problems.push("counts, so it needs a text for each form".to_owned());
            }
            let lacks = expected.difference(&found).map(|name| ("lacks the", name));
            let extra = found
                .difference(&expected)
                .map(|name| ("has the unknown", name));
            problems.extend(
                lacks
                    .chain(extra)
                    .map(|(how, name)| format!("{how} variable `{name}`")),
            );
            let words = split(text).into_iter().filter_map(|part| match part {
                Part::Literal(words) => Some(words),
                Part::Variable(_) => None,
            });
            if words.into_iter().any(|words| words.contains(['{', '}'])) {
                problems.push("has a brace that belongs to no variable".to_owned());
            }
        }
        problems
    }
}

fn form_problems(forms: &BTreeMap<Form, String>, rule: Rule) -> Vec<String> {
    let needed = rule.forms();
    let lacking = needed.iter().filter(|form| !forms.contains_key(form));
    let lacking = lacking.map(|form| format!("lacks the form `{}`", form.name()));
    let needless = forms.keys().filter(|form| !needed.contains(form));
    let needless =
        needless.map(|form| format!("has the form `{}`, which no number chooses", form.name()));
    lacking.chain(needless).collect()
}

fn variables(text: &str) -> BTreeSet<String> {
    let parts = split(text).into_iter();
    parts
        .filter_map(|part| match part {
            Part::Variable(name) => Some(name),
            Part::Literal(_) => None,
        })
        .collect()
}

/// Cuts a text at its `{{ variables }}`.
pub fn split(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{ ") {
        let Some((variable, behind)) = after.split_once(" }}") else {
            break;
        };
        if !before.is_empty() {
            parts.push(Part::Literal(before.to_owned()));
        }
        parts.push(Part::Variable(variable.to_owned()));
        rest = behind;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest.to_owned()));
    }
    parts
}
