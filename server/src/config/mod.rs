//! The options of an administrator: one TOML file, environment variables that override it, and secrets from
//! files.
//!
//! [`Config::load`] is the only entry. It refuses everything unknown and says where that is written (file and
//! line, or the variable's name) and why. So a typing error stops the start instead of surprising the
//! administrator months later.

mod base_url;
mod database;
mod dsn;
mod file;
mod help_url;
mod listen_address;
mod log;
mod log_in;
mod modules;
mod optional;
mod passwords;
mod places;
mod problem;
mod server;
mod sessions;
mod settings;
mod timeout;
mod trusted_proxies;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use latchkey_core::{
    module::HostedModule,
    settings::{LiveSettings, Settings as CoreSettings},
};
use latchkey_module::Registration;
use serde::{Deserialize, Serialize};

pub use base_url::{BaseUrl, BaseUrlError};
pub use database::Database;
pub use dsn::{Dsn, DsnError};
pub use help_url::{HelpUrl, HelpUrlError};
pub use listen_address::{ListenAddress, ListenAddressError};
pub use log::{Log, LogFormat};
pub use log_in::LogIn;
pub use modules::Modules;
pub use passwords::Passwords;
pub use places::Places;
pub use problem::{ConfigError, Place, Problem};
pub use server::Server;
pub use sessions::{Preset, Sessions};
pub use timeout::{Timeout, TimeoutError};
pub use trusted_proxies::{NetworkError, TrustedProxies};

use file::ConfigFile;
use modules::ModuleSections;
use problem::Complaint;
use settings::Settings;

/// The documented default configuration: every option with its meaning, unit, default and environment variable.
const DEFAULT_TOML: &str = include_str!("default.toml");

/// Names the configuration file when no path is given on the command line.
const FILE_VARIABLE: &str = "LATCHKEY_CONFIG";
/// Names the data directory, which is not an option of the file: nodes may share a file, but not a directory.
const DATA_VARIABLE: &str = "LATCHKEY_DATA";
const DEFAULT_DATA_DIRECTORY: &str = "./data";

/// The configuration in force: defaults, then the file, then the environment.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The addresses and limits of the server.
    pub server: Server,
    /// The PostgreSQL server, the visible databases, and the number of connections.
    pub database: Database,
    /// The lifetimes of sessions.
    pub sessions: Sessions,
    /// Length of passwords and cost of their hashes.
    pub passwords: Passwords,
    /// The number of log-ins that may fail.
    pub log_in: LogIn,
    /// The file with the places of addresses.
    pub places: Places,
    /// The level and the form of log lines.
    pub log: Log,
    /// The modules that are off.
    pub modules: Modules,
    /// The options of modules.
    #[serde(skip)]
    module_sections: ModuleSections,
    /// The folder that `LATCHKEY_DATA` names.
    #[serde(skip)]
    data_directory: Option<PathBuf>,
}

impl Config {
    /// Reads the configuration, and refuses all of it if any part is wrong.
    ///
    /// The file is `path`, else the file that `LATCHKEY_CONFIG` names, else `./latchkey.toml` if it exists, else none.
    /// `environment` is every variable of the process. Take them from `std::env::vars_os` and leave out what is not
    /// Unicode: `std::env::vars` panics on a variable of another program that is not Unicode. `modules` are those of the program,
    /// which have sections of their own.
    pub fn load(
        path: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        modules: &[Registration],
    ) -> Result<Self, ConfigError> {
        let environment: BTreeMap<String, String> = environment.collect();
        let named = path.or_else(|| set_path(&environment, FILE_VARIABLE));
        let file = ConfigFile::find(named)?;
        Self::assemble(file.as_ref(), &environment, modules)
    }

    fn assemble(
        file: Option<&ConfigFile>,
        environment: &BTreeMap<String, String>,
        modules: &[Registration],
    ) -> Result<Self, ConfigError> {
        let settings = Settings::gather(file, environment, modules)?;
        let (mut config, mut complaints) = settings.config(modules)?;
        complaints.extend(config.validate());
        complaints.extend(config.modules.validate(modules));
        complaints.extend(config.database.read_url_file().err());
        settings.refuse(complaints)?;

        config.data_directory = set_path(environment, DATA_VARIABLE).map(Path::to_owned);
        Ok(config)
    }

    /// The folder where this node keeps files: `LATCHKEY_DATA`, else `./data`. It holds the private
    /// PostgreSQL cluster, if there is one.
    pub fn data_directory(&self) -> &Path {
        let named = self.data_directory.as_deref();
        named.unwrap_or(Path::new(DEFAULT_DATA_DIRECTORY))
    }

    /// Whether `LATCHKEY_DATA` names the data directory. Otherwise the directory depends on the working
    /// directory.
    pub fn data_directory_is_named(&self) -> bool {
        self.data_directory.is_some()
    }

    /// The configuration in force as TOML. The TOML can be loaded again, except for a masked secret
    /// (`postgres://***`).
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        let options = toml::to_string(self)?;
        let of_modules = self.module_sections.to_toml()?;
        Ok(format!(
            "# {DATA_VARIABLE}={}\n{options}\n{of_modules}",
            self.data_directory().display()
        ))
    }

    /// The documented default configuration with the sections of modules: each option with its meaning and default.
    pub fn documented(modules: &[Registration]) -> String {
        [DEFAULT_TOML, &modules::documented(modules)].concat()
    }

    /// Builds the modules that are on, in the order of their registration.
    pub(crate) fn build(&self, modules: &[Registration]) -> anyhow::Result<Vec<HostedModule>> {
        let is_off =
            |module: &&Registration| self.modules.off.iter().any(|off| off == module.name());
        let on = modules.iter().filter(|module| !is_off(module));
        let built = on.map(|module| {
            let written = self.module_sections.written(module);
            module.build(&written).map_err(anyhow::Error::msg)
        });
        built.collect()
    }

    /// The sections that the core uses.
    pub(crate) fn settings(&self) -> CoreSettings {
        CoreSettings {
            sessions: self.sessions.settings(self.passwords.min_length),
            passwords: self.passwords.settings(),
            log_in: self.log_in.settings(),
            databases: self.database.settings(),
            live: LiveSettings::default(),
        }
    }

    fn validate(&self) -> Vec<Complaint> {
        // All fields are named, so that the compiler asks whether a new section has anything to check.
        let Self {
            server,
            database,
            sessions,
            passwords,
            log_in,
            places: _,
            log,
            modules: _,
            module_sections: _,
            data_directory: _,
        } = self;
        let complaints = [
            server.validate(),
            database.validate(),
            sessions.validate(),
            passwords.validate(),
            log_in.validate(),
            log.validate(),
        ];
        complaints.into_iter().flatten().collect()
    }
}

/// A variable that is set but empty counts as not set, which is what `VARIABLE= latchkey` means in a shell.
fn set_path<'a>(environment: &'a BTreeMap<String, String>, name: &str) -> Option<&'a Path> {
    environment
        .get(name)
        .filter(|value| !value.is_empty())
        .map(Path::new)
}

#[cfg(test)]
mod tests;
