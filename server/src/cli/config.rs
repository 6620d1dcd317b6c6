//! `latchkey config`: is the configuration right, and what is it?

use std::{env, path::PathBuf};

use clap::Subcommand;
use latchkey_core::place::Places;

use super::{node::Node, output};
use crate::config::DEFAULT_TOML;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say whether the server would start with this configuration, and if not, everything that is wrong with it
    Check,
    /// Print every option with its meaning and default, to save and edit
    Print {
        /// Print the values in force instead: defaults, file and environment together, secrets masked
        #[arg(long)]
        effective: bool,
    },
}

pub(super) fn run(node: &Node, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Check => check(node),
        Command::Print { effective: false } => Ok(output::line(DEFAULT_TOML.trim_end())?),
        Command::Print { effective: true } => {
            Ok(output::line(node.config()?.to_toml()?.trim_end())?)
        }
    }
}

fn check(node: &Node) -> anyhow::Result<()> {
    let config = node.config()?;
    if let Some(Err(error)) = config.places.file().map(Places::read) {
        let error = anyhow::Error::new(error);
        output::notice(&format!(
            "The server would start, but show no places: {error:#}"
        ));
    }
    let source = match file(node) {
        Some(file) => file.display().to_string(),
        None => "no file, the defaults and the environment".to_owned(),
    };
    Ok(output::line(&format!("configuration is fine: {source}"))?)
}

/// The file that was read, in the order of `Config::load`.
fn file(node: &Node) -> Option<PathBuf> {
    let named = env::var_os("LATCHKEY_CONFIG").filter(|file| !file.is_empty());
    let default = || Some(PathBuf::from("latchkey.toml")).filter(|file| file.exists());
    node.config_file
        .clone()
        .or_else(|| named.map(PathBuf::from))
        .or_else(default)
}
