//! The mistakes in a configuration, in the words that an administrator reads on standard error.

use std::{borrow::Cow, fmt, io, path::PathBuf};

use thiserror::Error;

/// The reason why the server does not start with this configuration.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file was named, or exists, but cannot be read.
    #[error("cannot read the configuration file {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The file or the environment has mistakes. The list has at least one problem.
    #[error("the configuration has mistakes:{}", list(.0))]
    Invalid(Vec<Problem>),
}

/// One mistake, and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The place of the mistake.
    pub place: Place,
    /// The option, as `section.key`; `None` if the text is not TOML at all.
    pub option: Option<String>,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.option {
            Some(option) => write!(f, "{}: {option}: {}", self.place, self.reason),
            None => write!(f, "{}: {}", self.place, self.reason),
        }
    }
}

/// The source of a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The program itself: a module.
    Program,
    /// The default.
    Default,
    /// A line of the configuration file, counted from 1.
    Line(PathBuf, usize),
    /// An environment variable, by its name.
    Variable(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program => f.write_str("program"),
            Self::Default => f.write_str("default"),
            Self::Line(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

/// A section's objection to one of its values; [`super::Settings`] adds the place of the value.
#[derive(Debug)]
pub(super) struct Complaint {
    /// `section.key`.
    pub option: Cow<'static, str>,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl Complaint {
    pub fn new(option: impl Into<Cow<'static, str>>, reason: impl Into<String>) -> Self {
        Self {
            option: option.into(),
            reason: reason.into(),
        }
    }

    /// An objection to a number outside of `range`.
    pub fn unless_within<T: PartialOrd + fmt::Display>(
        option: &'static str,
        value: &T,
        range: &std::ops::RangeInclusive<T>,
    ) -> Option<Self> {
        let reason = || format!("must be {} to {}, not {value}", range.start(), range.end());
        (!range.contains(value)).then(|| Self::new(option, reason()))
    }
}

fn list(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| format!("\n  {problem}"))
        .collect();
    lines.concat()
}
