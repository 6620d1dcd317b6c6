//! The modules that are off, and the sections of modules.

use std::{collections::BTreeMap, fmt};

use latchkey_module::Registration;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::problem::{Complaint, Place, Problem};

/// The modules that the program has and does not use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Modules {
    /// The names of the modules that are off.
    pub off: Vec<String>,
}

impl Modules {
    pub(super) fn validate(&self, modules: &[Registration]) -> Vec<Complaint> {
        let names: Vec<_> = modules.iter().map(Registration::name).collect();
        let unknown = self.off.iter().filter(|off| !names.contains(&off.as_str()));
        let complaint = |name: &String| {
            let reason = super::settings::unknown("module", name, &names);
            Complaint::new("modules.off", reason)
        };
        unknown.map(complaint).collect()
    }
}

/// The values of the sections of modules, by the name of the section.
#[derive(Clone, Default)]
pub(super) struct ModuleSections(BTreeMap<String, ModuleSection>);

/// The values of the section of one module.
#[derive(Clone)]
struct ModuleSection {
    /// What is written in the file or the environment.
    written: Table,
    /// The values in force, with the masks of the module.
    in_force: Table,
}

/// A module may have secrets.
impl fmt::Debug for ModuleSections {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.keys()).finish()
    }
}

impl ModuleSections {
    /// Takes the sections of the modules out of all written values. Returns the objections, too.
    pub(super) fn take(
        values: &mut Table,
        modules: &[Registration],
    ) -> Result<(Self, Vec<Complaint>), Problem> {
        let (mut sections, mut objections) = (BTreeMap::new(), Vec::new());
        for module in modules {
            let section = module.section();
            let written = match values.remove(&section) {
                Some(Value::Table(written)) => written,
                _ => Table::new(),
            };
            let (in_force, complaints) = module.read(&written).map_err(|reason| Problem {
                place: Place::Default,
                option: Some(section.clone()),
                reason,
            })?;
            objections.extend(
                complaints.into_list().into_iter().map(|(option, reason)| {
                    Complaint::new([&section, ".", &option].concat(), reason)
                }),
            );
            sections.insert(section, ModuleSection { written, in_force });
        }
        Ok((Self(sections), objections))
    }

    /// What is written for a module.
    pub(super) fn written(&self, module: &Registration) -> Table {
        let section = self.0.get(&module.section());
        section
            .map(|section| section.written.clone())
            .unwrap_or_default()
    }

    /// The sections with their values in force, as TOML.
    pub(super) fn to_toml(&self) -> Result<String, toml::ser::Error> {
        let sections = self
            .0
            .iter()
            .filter(|(_, section)| !section.in_force.is_empty());
        let sections: Table = sections
            .map(|(name, section)| (name.clone(), Value::Table(section.in_force.clone())))
            .collect();
        toml::to_string(&sections)
    }
}

/// The mistakes of a program in the names of its modules, all at once.
pub(super) fn refused(modules: &[Registration], sections: &Table) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (position, module) in modules.iter().enumerate() {
        let mut refuse = |reason: &str| {
            problems.push(Problem {
                place: Place::Program,
                option: None,
                reason: format!("module `{}`: {reason}", module.name()),
            });
        };
        if !module.has_fit_name() {
            refuse("the name is not lower-case words with hyphens between them");
        }
        if sections.contains_key(&module.section()) {
            refuse("the name is that of a section of the configuration file");
        }
        let earlier = modules.iter().take(position);
        if earlier
            .into_iter()
            .any(|earlier| earlier.section() == module.section())
        {
            refuse("another module has this name");
        }
        if let Err(reason) = module.read(&Table::new()) {
            refuse(&format!("the defaults of its section are wrong: {reason}"));
        }
    }
    problems
}

/// The documented defaults of the sections, to print after those of the product.
pub(super) fn documented(modules: &[Registration]) -> String {
    let with_options = modules
        .iter()
        .filter(|module| !module.default().trim().is_empty());
    let sections = with_options
        .map(|module| format!("\n[{}]\n{}\n", module.section(), module.default().trim()));
    sections.collect()
}
