//! `latchkey config`: check and print the configuration.

use std::{env, path::PathBuf};

use clap::Subcommand;

use super::{
    check::{self, Reach},
    node::Node,
};
use crate::{config::Config, output};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check whether the server would work with this configuration, and name every mistake
    #[command(after_help = CHECK_NOTE)]
    Check {
        /// Check without a connection to PostgreSQL
        #[arg(long)]
        offline: bool,
    },
    /// Print a configuration file to start from: every option with its meaning and default
    Print {
        /// Print the resulting values instead, from defaults, file and environment, with secrets masked
        #[arg(long)]
        effective: bool,
    },
}

const CHECK_NOTE: &str = "\
The check also looks whether the front end's files are there, whether the server can listen on the address, whether the data
directory can be written to, and whether PostgreSQL lets the user in and takes changes. The check changes nothing. Exit codes:
0 the server would work, 1 the server would not work, 2 the configuration makes no sense.";

pub(super) fn run(node: &Node, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Check { offline: false } => check(node, Reach::Online),
        Command::Check { offline: true } => check(node, Reach::Offline),
        Command::Print { effective: false } => {
            Ok(output::line(Config::documented(&node.modules).trim_end())?)
        }
        Command::Print { effective: true } => {
            Ok(output::line(node.config()?.to_toml()?.trim_end())?)
        }
    }
}

fn check(node: &Node, reach: Reach) -> anyhow::Result<()> {
    let config = node.config()?;
    let file = file(node);
    let mut findings = check::findings(&config, reach);
    let is_in_file = env::var_os("LATCHKEY__DATABASE__URL").is_none();
    let holder = file.as_deref().filter(|_| is_in_file);
    let secret = config.database.secret_file(holder);
    findings
        .remarks
        .extend(secret.and_then(check::readable_by_all));
    for remark in &findings.remarks {
        output::notice(remark);
    }
    anyhow::ensure!(
        findings.problems.is_empty(),
        "the server would not work with this configuration:\n  {}",
        findings.problems.join("\n  ")
    );
    let source = match file {
        Some(file) => file.display().to_string(),
        None => "no file, only the defaults and the environment".to_owned(),
    };
    Ok(output::line(&format!(
        "the configuration is fine: {source}"
    ))?)
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
