//! Settings from the lines of the configuration file.

use serde::{Deserialize, de::IntoDeserializer};
use toml::{
    Spanned, Value,
    de::{DeString, DeTable, DeValue},
};

use super::{ConfigFile, Place, Problem, Setting, known::Known, refuse_any};
use crate::config::ConfigError;

/// Fails at once on text that is not TOML: the rest of a broken file would only give wrong errors.
pub(super) fn settings(
    file: &ConfigFile,
    known: &Known,
) -> Result<Vec<Result<Setting, Problem>>, ConfigError> {
    let (document, errors) = DeTable::parse_recoverable(&file.text);
    let reader = Reader { file, known };
    let syntax = errors.iter().map(|error| Problem {
        place: reader.place(error.span().map_or(0, |span| span.start)),
        option: None,
        reason: error.message().to_owned(),
    });
    refuse_any(syntax.collect())?;
    let sections = document.into_inner().into_iter();
    Ok(sections
        .flat_map(|(name, content)| reader.section(&name, content))
        .collect())
}

struct Reader<'a> {
    file: &'a ConfigFile,
    known: &'a Known,
}

impl Reader<'_> {
    fn section(
        &self,
        name: &Spanned<DeString<'_>>,
        content: Spanned<DeValue<'_>>,
    ) -> Vec<Result<Setting, Problem>> {
        let section = name.get_ref().as_ref();
        let refused = |reason: String| {
            let place = self.place(name.span().start);
            vec![Err(Problem {
                place,
                option: Some(section.to_owned()),
                reason,
            })]
        };
        if let Err(reason) = self.known.section(section) {
            return refused(reason);
        }
        let DeValue::Table(entries) = content.into_inner() else {
            return refused(format!(
                "is a section: write `[{section}]` on a line of its own"
            ));
        };
        let settings = entries
            .into_iter()
            .map(|(key, value)| self.setting(section, key, value));
        settings.collect()
    }

    fn setting(
        &self,
        section: &str,
        key: Spanned<DeString<'_>>,
        value: Spanned<DeValue<'_>>,
    ) -> Result<Setting, Problem> {
        let place = self.place(key.span().start);
        let key = key.into_inner().into_owned();
        let problem = |reason| Problem {
            place: place.clone(),
            option: Some(format!("{section}.{key}")),
            reason,
        };
        self.known.key(section, &key).map_err(problem)?;
        let value = Value::deserialize(value.into_deserializer())
            .map_err(|error| problem(error.message().to_owned()))?;
        Ok(Setting {
            section: section.to_owned(),
            key,
            value,
            place,
        })
    }

    fn place(&self, offset: usize) -> Place {
        Place::Line(self.file.path.clone(), self.file.line_at(offset))
    }
}
