//! A program that serves until it is dropped.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result};

#[derive(Debug)]
pub struct Program(Child);

impl Program {
    pub fn start(command: &mut Command) -> Result<Self> {
        Ok(Self(command.stdin(Stdio::null()).spawn()?))
    }

    /// Starts a server and reads its address: the end of the first line that the server prints.
    pub fn start_server(command: &mut Command) -> Result<(Self, String)> {
        let mut program = Self::start(command.stdout(Stdio::piped()))?;
        let output = program.0.stdout.take().context("no standard output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line
            .trim_end()
            .rsplit_once("://")
            .context("the program told no address")?
            .1;
        Ok((program, address.to_owned()))
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Ends the program by a signal, so that it can end its own children, or by force if that fails.
    fn end(&mut self) {
        let asked = Command::new("kill").arg(self.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end();
    }
}
