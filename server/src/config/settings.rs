//! Gathers single settings from the file and the environment, each with its place, and builds the typed configuration.
//!
//! Each setting is first deserialised alone. So every wrong setting is reported with its place, instead of
//! only the first, and a variable and a line of the file go through the same types.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Table, Value};

use super::{
    Config, ConfigError,
    file::ConfigFile,
    problem::{Complaint, Place, Problem},
};

mod known;
mod lines;
mod variables;

use known::Known;

/// One value of one option, as written in the file or the environment.
struct Setting {
    section: String,
    key: String,
    value: Value,
    place: Place,
}

impl Setting {
    fn option(&self) -> String {
        format!("{}.{}", self.section, self.key)
    }

    fn problem(&self, reason: impl Into<String>) -> Problem {
        Problem {
            place: self.place.clone(),
            option: Some(self.option()),
            reason: reason.into(),
        }
    }

    /// Whether this value fits its option's type, with every other option at its default.
    fn check(&self) -> Result<(), Problem> {
        let mut alone = Table::new();
        put(&mut alone, self);
        Config::deserialize(alone)
            .map(drop)
            .map_err(|error| self.problem(error.message()))
    }
}

/// All settings that fit their options. A later setting overrides an earlier one.
pub(super) struct Settings {
    values: Table,
    places: BTreeMap<String, Place>,
}

impl Settings {
    /// Collects the settings of the file, and those of the environment, which override them.
    pub fn gather(
        file: Option<&ConfigFile>,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let known = Known::options();
        let mut found = Vec::new();
        if let Some(file) = file {
            found.extend(lines::settings(file, &known)?);
        }
        found.extend(variables::settings(environment, &known));

        let mut settings = Self {
            values: Table::new(),
            places: BTreeMap::new(),
        };
        let mut problems = Vec::new();
        for setting in found {
            match setting.and_then(|setting| setting.check().map(|()| setting)) {
                Ok(setting) => settings.add(setting),
                Err(problem) => problems.push(problem),
            }
        }
        refuse_any(problems)?;
        Ok(settings)
    }

    /// The typed configuration. An option without a setting has its default.
    pub fn config(&self) -> Result<Config, ConfigError> {
        Config::deserialize(self.values.clone()).map_err(|error| {
            ConfigError::Invalid(vec![Problem {
                place: Place::Default,
                option: None,
                reason: error.message().to_owned(),
            }])
        })
    }

    /// Turns objections to values into problems with a place.
    pub fn refuse(&self, complaints: Vec<Complaint>) -> Result<(), ConfigError> {
        let problems = complaints.into_iter().map(|complaint| Problem {
            place: self
                .places
                .get(complaint.option)
                .cloned()
                .unwrap_or(Place::Default),
            option: Some(complaint.option.to_owned()),
            reason: complaint.reason,
        });
        refuse_any(problems.collect())
    }

    fn add(&mut self, setting: Setting) {
        put(&mut self.values, &setting);
        self.places.insert(setting.option(), setting.place);
    }
}

fn put(table: &mut Table, setting: &Setting) {
    let section = table
        .entry(setting.section.as_str())
        .or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(section) = section {
        section.insert(setting.key.clone(), setting.value.clone());
    }
}

fn refuse_any(mut problems: Vec<Problem>) -> Result<(), ConfigError> {
    problems.sort_by(|one, other| one.place.cmp(&other.place));
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ConfigError::Invalid(problems))
    }
}
