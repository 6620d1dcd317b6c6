//! The section of a module in the configuration file.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use toml::Table;

/// The options of a module.
///
/// The server reads them from `[name_of_the_module]` in the configuration file, and from variables
/// `LATCHKEY__NAME_OF_THE_MODULE__OPTION`. Unknown options and wrong values stop the start, with file and line.
///
/// The options are the keys of [`Section::DEFAULT`]: each option has a default there. `latchkey config print --effective` prints the
/// values, so a password or a key is a [`Secret`](crate::Secret), which is printed as `***`.
pub trait Section: Serialize + DeserializeOwned {
    /// The section without its heading: each option at its default, with a comment that says what the option means.
    /// `latchkey config print` prints it.
    const DEFAULT: &'static str;

    /// Objects to values that make no sense.
    fn validate(&self, complaints: &mut Complaints) {
        let _ = complaints;
    }
}

/// The options of a module that has none.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoOptions {}

impl Section for NoOptions {
    const DEFAULT: &'static str = "";
}

/// The objections to values of a section.
#[derive(Debug, Default)]
pub struct Complaints(Vec<(String, String)>);

impl Complaints {
    /// Objects to the value of an option. The reason says what would be right, such as "must be later than `from`".
    pub fn add(&mut self, option: &str, reason: impl Into<String>) {
        self.0.push((option.to_owned(), reason.into()));
    }

    /// Objects unless a condition holds.
    pub fn unless(&mut self, holds: bool, option: &str, reason: impl Into<String>) {
        if !holds {
            self.add(option, reason);
        }
    }

    /// The options, and what is wrong with their values.
    pub fn into_list(self) -> Vec<(String, String)> {
        self.0
    }
}

/// The values of a section: those that are written, over the defaults.
pub(crate) fn read<S: Section>(written: &Table) -> Result<S, String> {
    let mut values: Table =
        toml::from_str(S::DEFAULT).map_err(|error| error.message().to_owned())?;
    values.extend(written.clone());
    S::deserialize(values).map_err(|error| error.message().to_owned())
}
