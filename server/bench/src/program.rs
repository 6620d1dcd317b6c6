//! Programs that serve: started, waited for until they say where, killed at the end.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result};

/// A running program. Dropping it ends it.
#[derive(Debug)]
pub struct Program(Child);

impl Program {
    /// Starts it.
    pub fn start(command: &mut Command) -> Result<Self> {
        let child = command.stdin(Stdio::null()).spawn();
        child
            .map(Self)
            .with_context(|| format!("cannot start {}", command.get_program().display()))
    }

    /// Starts it, and reads the address from the first line that it prints: what follows `://`.
    pub fn start_server(command: &mut Command) -> Result<(Self, String)> {
        let mut program = Self::start(command.stdout(Stdio::piped()))?;
        let output = program.0.stdout.take().context("no standard output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let (_, address) = line
            .trim_end()
            .rsplit_once("://")
            .context("the program told no address")?;
        Ok((program, address.to_owned()))
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
