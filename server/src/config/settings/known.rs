//! The existing options, and the nearest option to a misspelt one.

use latchkey_module::Registration;
use toml::{Table, Value};

use crate::config::Config;

/// Every option with its default value, taken from the types themselves so that the list always agrees with them.
pub(super) struct Known(Table);

impl Known {
    pub fn options() -> Self {
        // The values are plain strings, numbers and lists, so this cannot fail. If it did, no option would be
        // accepted.
        Self(Table::try_from(Config::default()).unwrap_or_default())
    }

    /// The sections of the product.
    pub fn sections(&self) -> &Table {
        &self.0
    }

    /// The same with the sections of modules.
    pub fn with(mut self, modules: &[Registration]) -> Self {
        for module in modules {
            // `refused` has checked the defaults.
            let options = toml::from_str(module.default()).unwrap_or_default();
            self.0.insert(module.section(), Value::Table(options));
        }
        self
    }

    /// Whether the section exists; the error says why not.
    pub fn section(&self, name: &str) -> Result<(), String> {
        if self.0.contains_key(name) {
            return Ok(());
        }
        if let Some(home) = self.section_of(name) {
            return Err(format!(
                "must stand in a section: it belongs under `[{home}]`"
            ));
        }
        Err(unknown("section", name, &names(&self.0)))
    }

    /// The default value of the option; the error says why the option does not exist.
    pub fn key(&self, section: &str, key: &str) -> Result<&Value, String> {
        self.section(section)?;
        let options = self.0.get(section).and_then(Value::as_table);
        let options = options.ok_or_else(|| unknown("section", section, &names(&self.0)))?;
        if let Some(value) = options.get(key) {
            return Ok(value);
        }
        if let Some(home) = self.section_of(key) {
            return Err(format!(
                "is not an option of `[{section}]`: it belongs under `[{home}]`"
            ));
        }
        Err(unknown("option", key, &names(options)))
    }

    fn section_of(&self, key: &str) -> Option<&str> {
        let holds = |content: &Value| content.get(key).is_some();
        let home = self.0.iter().find(|(_, content)| holds(content));
        home.map(|(name, _)| name.as_str())
    }
}

fn names(among: &Table) -> Vec<&str> {
    among.keys().map(String::as_str).collect()
}

/// That something is unknown, and what may be meant.
pub(in crate::config) fn unknown(kind: &str, name: &str, names: &[&str]) -> String {
    match nearest(name, names) {
        Some(meant) => format!("unknown {kind} `{name}`; did you mean `{meant}`?"),
        None => format!("unknown {kind} `{name}`; there are {}", names.join(", ")),
    }
}

/// The nearest name. A name that differs in more than a third of its letters would confuse more than it helps.
fn nearest<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    let limit = (name.len() / 3).max(1);
    names
        .iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), *known))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_wins_and_a_far_one_is_not_guessed() {
        let names = ["idle_timeout", "absolute_timeout"];
        let guess = |name| nearest(name, &names);
        assert_eq!(guess("idle_timout"), Some("idle_timeout"));
        assert_eq!(guess("ilde_timeout"), Some("idle_timeout"));
        assert_eq!(guess("absolut_timeout"), Some("absolute_timeout"));
        assert_eq!(guess("colour"), None);
    }
}
