//! A registered module, before the configuration is read.

use latchkey_core::module::HostedModule;
use toml::Table;

use crate::{
    module::{Builder, Module},
    section::{Complaints, Section as _, read},
};

/// A module that a program has registered. The server reads its section, and builds it.
#[derive(Clone, Copy)]
pub struct Registration {
    name: &'static str,
    default: &'static str,
    read: fn(&Table) -> Result<(Table, Complaints), String>,
    build: fn(&Table) -> Result<HostedModule, String>,
}

impl Registration {
    /// The registration of a module.
    pub fn of<M: Module>() -> Self {
        Self {
            name: M::NAME,
            default: M::Config::DEFAULT,
            read: |written| {
                let section = read::<M::Config>(written)?;
                let mut complaints = Complaints::default();
                section.validate(&mut complaints);
                let values = Table::try_from(section).map_err(|error| error.to_string())?;
                Ok((values, complaints))
            },
            build: |written| {
                let section = read::<M::Config>(written)?;
                let mut builder = Builder::new();
                let module = M::build(section, &mut builder);
                Ok(builder.finish(module))
            },
        }
    }

    /// The name of the module.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The name of the section: that of the module with underscores.
    pub fn section(&self) -> String {
        self.name.replace('-', "_")
    }

    /// Whether the name is lower-case words of ASCII letters and digits with hyphens between them.
    pub fn has_fit_name(&self) -> bool {
        let is_word = |word: &str| {
            word.starts_with(|first: char| first.is_ascii_lowercase())
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        self.name.split('-').all(is_word)
    }

    /// The documented defaults of the section.
    pub fn default(&self) -> &'static str {
        self.default
    }

    /// The values in force, and the objections to them. `written` has the options that are not at their defaults. Fails if a value has
    /// the wrong type, or if the defaults are wrong.
    pub fn read(&self, written: &Table) -> Result<(Table, Complaints), String> {
        (self.read)(written)
    }

    /// Builds the module.
    pub fn build(&self, written: &Table) -> Result<HostedModule, String> {
        (self.build)(written)
    }
}

#[cfg(test)]
mod tests {
    use latchkey_core::module::ModuleError;
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::{Section, Seen, SessionEnded};

    struct Counter;

    #[derive(Serialize, Deserialize)]
    struct Options {
        from: u8,
        to: u8,
    }

    impl Section for Options {
        const DEFAULT: &'static str = "# The first.\nfrom = 1\n# The last.\nto = 9\n";

        fn validate(&self, complaints: &mut Complaints) {
            complaints.unless(self.from < self.to, "to", "must be later than `from`");
        }
    }

    async fn count(seen: Seen<Counter, SessionEnded>) -> Result<(), ModuleError> {
        drop(seen);
        Ok(())
    }

    impl Module for Counter {
        const NAME: &'static str = "event-counter";
        type Config = Options;

        fn build(_: Options, on: &mut Builder<Self>) -> Self {
            on.observes(count);
            Self
        }
    }

    fn written(text: &str) -> Table {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn what_is_written_goes_over_the_defaults() {
        let counter = Registration::of::<Counter>();
        assert_eq!(counter.section(), "event_counter");
        let (values, complaints) = counter.read(&written("to = 5")).unwrap();
        assert_eq!(values, written("from = 1\nto = 5"));
        assert!(complaints.into_list().is_empty());
        let (_, complaints) = counter.read(&written("to = 1")).unwrap();
        let said = [("to".to_owned(), "must be later than `from`".to_owned())];
        assert_eq!(complaints.into_list(), said);
        assert!(counter.read(&written("to = \"noon\"")).is_err());
        assert!(counter.build(&written("to = 5")).is_ok());
    }

    #[test]
    fn a_name_is_words_with_hyphens() {
        let named = |name| Registration {
            name,
            ..Registration::of::<Counter>()
        };
        for fit in ["hours", "office-hours", "a2-b3"] {
            assert!(named(fit).has_fit_name(), "{fit}");
        }
        for unfit in [
            "",
            "-",
            "Office",
            "office_hours",
            "office--hours",
            "2a",
            "a-",
            "bür-o",
        ] {
            assert!(!named(unfit).has_fit_name(), "{unfit}");
        }
    }
}
