//! Gathers single settings from the file and the environment, each with its place, and builds the typed configuration.
//!
//! Each setting is first deserialised alone. So every wrong setting is reported with its place, instead of
//! only the first, and a variable and a line of the file go through the same types.

use std::collections::BTreeMap;

use latchkey_module::Registration;
use serde::Deserialize;
use toml::{Table, Value};

use super::{
    Config, ConfigError,
    file::ConfigFile,
    modules::{self, ModuleSections},
    problem::{Complaint, Place, Problem},
};

mod known;
mod lines;
mod variables;

use known::Known;
pub(super) use known::unknown;

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
    fn check(&self, modules: &[Registration]) -> Result<(), Problem> {
        if let Some(module) = modules
            .iter()
            .find(|module| module.section() == self.section)
        {
            let alone = Table::from_iter([(self.key.clone(), self.value.clone())]);
            let read = module.read(&alone).map(drop);
            return read.map_err(|reason| self.problem(reason));
        }
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
        modules: &[Registration],
    ) -> Result<Self, ConfigError> {
        let known = Known::options();
        refuse_any(modules::refused(modules, known.sections()))?;
        let known = known.with(modules);
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
            match setting.and_then(|setting| setting.check(modules).map(|()| setting)) {
                Ok(setting) => settings.add(setting),
                Err(problem) => problems.push(problem),
            }
        }
        refuse_any(problems)?;
        Ok(settings)
    }

    /// The typed configuration. An option without a setting has its default.
    /// Returns the objections to the sections of modules, too.
    pub fn config(
        &self,
        modules: &[Registration],
    ) -> Result<(Config, Vec<Complaint>), ConfigError> {
        let mut values = self.values.clone();
        let invalid = |problem| ConfigError::Invalid(vec![problem]);
        let (module_sections, complaints) =
            ModuleSections::take(&mut values, modules).map_err(invalid)?;
        let config = Config::deserialize(values).map_err(|error| {
            invalid(Problem {
                place: Place::Default,
                option: None,
                reason: error.message().to_owned(),
            })
        })?;
        let config = Config {
            module_sections,
            ..config
        };
        Ok((config, complaints))
    }

    /// Turns objections to values into problems with a place.
    pub fn refuse(&self, complaints: Vec<Complaint>) -> Result<(), ConfigError> {
        let problems = complaints.into_iter().map(|complaint| Problem {
            place: self
                .places
                .get(&*complaint.option)
                .cloned()
                .unwrap_or(Place::Default),
            option: Some(complaint.option.into_owned()),
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
