//! What every module says of itself.

use crate::{builder::Builder, section::Section};

/// A module: a name, its options, and what it does.
pub trait Module: Sized + Send + Sync + 'static {
    /// The name: lower-case words with hyphens between them, such as `office-hours`. The section of the configuration file has the
    /// name with underscores: `[office_hours]`. Logs and lists of modules have the name.
    const NAME: &'static str;

    /// The section of the configuration file; [`NoOptions`](crate::NoOptions) for a module without options.
    type Config: Section;

    /// Builds the module, once in a process, after the configuration was read. Nothing runs yet.
    fn build(config: Self::Config, on: &mut Builder<Self>) -> Self;
}
