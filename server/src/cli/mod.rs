//! The command line, and the command that each subcommand runs.

mod administer;
mod attempts;
mod audit;
mod check;
mod company;
mod config;
mod db;
mod failure;
mod group;
mod node;
mod password;
mod policy;
mod policy_value;
mod rule;
mod session;
mod user;
mod user_companies;
mod user_groups;
mod user_row;
mod who;
mod wording;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use latchkey_module::Registration;

use crate::text;
use node::Node;

const EXAMPLES: &str = "\
Examples:
  latchkey serve
          start a server on http://127.0.0.1:8069 that keeps everything in ./data
  latchkey db create acme --admin-login ada@example.com
          make a database, in another terminal, and print a one-time password for its administrator
  latchkey user add --database acme --login bob@example.com --name Bob
          add a user, and print a one-time password
  latchkey session end --database acme --login bob@example.com
          log Bob out everywhere
  latchkey config print > latchkey.toml
          save a configuration file with comments, to start from

Commands work while a server runs and without one. Exit codes: 0 done, 1 failed, 2 the command line or the
configuration makes no sense, 3 there is no data of a server where the command looked.

Sentences are in the language of LC_ALL, LC_MESSAGES or LANG: English, French, German, Spanish, Polish or Arabic.";

/// Log-in, sessions and devices, on a server of your own.
///
/// Latchkey serves any number of databases; each is a PostgreSQL database with its own users and
/// sessions. Without a configuration Latchkey listens on this machine only and runs a private
/// PostgreSQL in the data directory (`LATCHKEY_DATA`, by default ./data).
#[derive(Debug, Parser)]
#[command(name = "latchkey", version, after_help = EXAMPLES)]
struct Arguments {
    /// Configuration file [default: the file that `LATCHKEY_CONFIG` names, else ./latchkey.toml if it exists]
    #[arg(short, long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server; SIGTERM, Ctrl-C or closing the terminal stops it
    #[command(after_help = SERVE_NOTE)]
    Serve,
    /// Check or print the configuration
    #[command(subcommand)]
    Config(config::Command),
    /// Create, adopt, list and drop databases
    #[command(subcommand)]
    Db(db::Command),
    /// Add, list and change companies
    #[command(subcommand)]
    Company(company::Command),
    /// Add, list and change groups and their rights
    #[command(subcommand)]
    Group(group::Command),
    /// Add, list and delete rules that limit rights to some rows
    #[command(subcommand)]
    Rule(rule::Command),
    /// Make settings of sessions stricter for a database, a company or a group
    #[command(subcommand)]
    Policy(policy::Command),
    /// Add, list and change users
    #[command(subcommand)]
    User(user::Command),
    /// List and end sessions
    #[command(subcommand)]
    Session(session::Command),
    /// List attempts to log in
    #[command(subcommand)]
    Attempts(attempts::Command),
    /// List who has changed what
    #[command(subcommand)]
    Audit(audit::Command),
}

const SERVE_NOTE: &str = "\
The server prints its address on standard output when it is ready, and logs to standard error. At the first signal the server
finishes requests that are under way, for at most ten seconds. A second signal ends the wait. SIGHUP stops the server like
SIGTERM, unless the server was started with nohup.";

/// Runs the command that the command line names.
pub(crate) fn run(modules: Vec<Registration>) -> ExitCode {
    text::choose_language();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(refusal) => return failure::refuse(&refusal),
    };
    match dispatch(arguments, modules) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error),
    }
}

fn dispatch(arguments: Arguments, modules: Vec<Registration>) -> anyhow::Result<()> {
    let node = Node {
        config_file: arguments.config,
        modules,
    };
    match arguments.command {
        Command::Serve => node.serve(),
        Command::Config(command) => config::run(&node, &command),
        Command::Db(command) => db::run(&node, command),
        Command::Company(command) => company::run(&node, command),
        Command::Group(command) => group::run(&node, command),
        Command::Rule(command) => rule::run(&node, command),
        Command::Policy(command) => policy::run(&node, command),
        Command::User(command) => user::run(&node, command),
        Command::Session(command) => session::run(&node, command),
        Command::Attempts(command) => attempts::run(&node, command),
        Command::Audit(command) => audit::run(&node, command),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_configuration_may_be_named_anywhere() {
        for line in [
            "latchkey -c x.toml db list",
            "latchkey db -c x.toml list",
            "latchkey db list --config x.toml",
        ] {
            let arguments = Arguments::try_parse_from(line.split(' ')).unwrap();
            assert_eq!(arguments.config, Some(PathBuf::from("x.toml")), "{line}");
        }
    }

    #[test]
    fn a_password_is_no_argument() {
        for line in [
            "user add --database d --login l --password x",
            "user set-password --database d --login l x",
            "db create d --admin-login l --admin-password x",
        ] {
            assert!(
                Arguments::try_parse_from(format!("latchkey {line}").split(' ')).is_err(),
                "{line}"
            );
        }
    }
}
