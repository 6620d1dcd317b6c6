//! How long processors worked for the server and for PostgreSQL, as Linux counts it.

use std::{
    fs,
    ops::{Div, Sub},
};

use anyhow::{Context as _, Result};

use crate::percentile::median;

/// `USER_HZ`: the unit of `/proc/PID/stat`, on all of Linux's usual architectures.
const TICKS_PER_SECOND: f64 = 100.0;

/// The processes that work for requests.
#[derive(Clone, Copy, Debug)]
pub struct Processes {
    server: u32,
    postmaster: u32,
}

/// Processor time in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu {
    pub server: f64,
    pub postgres: f64,
}

impl Processes {
    /// The server, and the PostgreSQL that one of these `backend`s belongs to.
    pub fn new(server: u32, backend: u32) -> Result<Self> {
        Ok(Self {
            server,
            postmaster: Stat::of(backend)?.parent,
        })
    }

    /// What they have spent since they started. PostgreSQL has a process for each connection: those that have ended
    /// are counted with the postmaster.
    pub fn spent(self) -> Result<Cpu> {
        let postmaster = Stat::of(self.postmaster)?;
        let backends: f64 = processes()?
            // A process may end meanwhile.
            .filter_map(|process| Stat::of(process).ok())
            .filter(|stat| stat.parent == self.postmaster)
            .map(|stat| stat.own)
            .sum();
        Ok(Cpu {
            server: Stat::of(self.server)?.own,
            postgres: postmaster.own + postmaster.ended_children + backends,
        })
    }
}

impl Cpu {
    /// Of the server and PostgreSQL together.
    pub fn sum(self) -> f64 {
        self.server + self.postgres
    }

    pub fn median(rounds: impl Iterator<Item = Self> + Clone) -> Self {
        Self {
            server: median(rounds.clone().map(|cpu| cpu.server)),
            postgres: median(rounds.map(|cpu| cpu.postgres)),
        }
    }
}

impl Sub for Cpu {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            server: self.server - earlier.server,
            postgres: self.postgres - earlier.postgres,
        }
    }
}

impl Div<f64> for Cpu {
    type Output = Self;

    fn div(self, count: f64) -> Self {
        Self {
            server: self.server / count,
            postgres: self.postgres / count,
        }
    }
}

/// What `/proc/PID/stat` says, in seconds.
#[derive(Debug, PartialEq)]
struct Stat {
    parent: u32,
    own: f64,
    ended_children: f64,
}

impl Stat {
    fn of(process: u32) -> Result<Self> {
        let line = fs::read_to_string(format!("/proc/{process}/stat"));
        let line = line.context("only Linux tells how long processors worked for a process")?;
        Self::parse(&line).context("an unknown form of /proc/PID/stat")
    }

    fn parse(line: &str) -> Option<Self> {
        // The name before may hold anything.
        let (_, behind_name) = line.rsplit_once(") ")?;
        let fields: Vec<&str> = behind_name.split_whitespace().collect();
        let seconds = |field: usize| {
            let ticks: f64 = fields.get(field)?.parse().ok()?;
            Some(ticks / TICKS_PER_SECOND)
        };
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: seconds(11)? + seconds(12)?,
            ended_children: seconds(13)? + seconds(14)?,
        })
    }
}

fn processes() -> Result<impl Iterator<Item = u32>> {
    let entries = fs::read_dir("/proc")?.filter_map(Result::ok);
    Ok(entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_behind_the_name_of_the_program() {
        let line = "42 (a) b (c) S 7 42 42 0 -1 4194560 100 0 0 0 150 50 20 5 20 0 1 0 1 2 3";
        let expected = Stat {
            parent: 7,
            own: 2.0,
            ended_children: 0.25,
        };
        assert_eq!(Stat::parse(line), Some(expected));
        assert_eq!(Stat::parse("42 (a"), None);
    }

    #[test]
    fn this_process_is_its_parents_child() {
        let own = Stat::of(std::process::id()).unwrap();
        assert_eq!(own.parent, std::os::unix::process::parent_id());
    }
}
