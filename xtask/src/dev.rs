//! Watches the sources, rebuilds what changed and restarts the server.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Child,
    thread,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

use crate::{
    build, run,
    site::{self, Mode},
    workspace::Workspace,
};

const POLL: Duration = Duration::from_millis(300);
const WATCHED: [&str; 6] = [
    "app",
    "server",
    "frontend",
    "style",
    "migrations",
    "Cargo.toml",
];

type Times = BTreeMap<PathBuf, SystemTime>;

/// The builds that have to be repeated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Stale {
    site: bool,
    server: bool,
}

/// Serves until interrupted.
pub(crate) fn dev(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let mut seen = times(workspace.root());
    run::prepare(workspace)?;
    run::create_first_database(workspace)?;
    let mut server = Some(start(workspace, arguments)?);
    loop {
        thread::sleep(POLL);
        let current = times(workspace.root());
        let stale = stale(&seen, &current);
        seen = current;
        if stale == Stale::default() {
            continue;
        }
        // The compiler reports a mistake in the source. Meanwhile the last good server stays up.
        if let Err(error) = rebuild(workspace, stale) {
            eprintln!("{error:#}");
        } else {
            // The server must restart, because it knows the front end's files by names with a hash.
            server.take().map(stop).transpose()?;
            server = Some(start(workspace, arguments)?);
        }
    }
}

fn rebuild(workspace: &Workspace, stale: Stale) -> Result<()> {
    if stale.site {
        site::build(workspace, Mode::Dev)?;
    }
    if stale.server {
        build::dev_server(workspace)?;
    }
    Ok(())
}

fn start(workspace: &Workspace, arguments: &[String]) -> Result<Child> {
    let mut server = workspace.server();
    server.arg("serve").args(arguments);
    server.spawn().context("cannot run the server")
}

/// Stops the server, and waits until its port and its cluster are free.
fn stop(mut server: Child) -> Result<()> {
    let pid = i32::try_from(server.id()).ok().and_then(Pid::from_raw);
    if let Some(pid) = pid
        && server.try_wait()?.is_none()
    {
        kill_process(pid, Signal::TERM).context("cannot stop the server")?;
    }
    server.wait().context("cannot wait for the server")?;
    Ok(())
}

/// Compares two states of the sources, and returns the sides with changed, new or deleted files.
fn stale(before: &Times, after: &Times) -> Stale {
    let changed = after
        .iter()
        .filter(|(path, time)| before.get(*path) != Some(*time));
    let deleted = before.iter().filter(|(path, _)| !after.contains_key(*path));
    let mut stale = Stale::default();
    for (path, _) in changed.chain(deleted) {
        let side = path
            .iter()
            .next()
            .and_then(|part| part.to_str())
            .unwrap_or_default();
        stale.site |= matches!(side, "app" | "frontend" | "style" | "Cargo.toml");
        stale.server |= matches!(side, "app" | "server" | "migrations" | "Cargo.toml");
    }
    stale
}

fn times(root: &Path) -> Times {
    let mut times = Times::new();
    for name in WATCHED {
        collect(root, &root.join(name), &mut times);
    }
    times
}

fn collect(root: &Path, path: &Path, times: &mut Times) {
    let Ok(found) = fs::metadata(path) else {
        return;
    };
    if found.is_dir() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            collect(root, &entry.path(), times);
        }
    } else if let (Ok(path), Ok(time)) = (path.strip_prefix(root), found.modified()) {
        times.insert(path.to_owned(), time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(files: &[(&str, u64)]) -> Times {
        let time = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        files
            .iter()
            .map(|(path, at)| (PathBuf::from(path), time(*at)))
            .collect()
    }

    #[test]
    fn nothing_changed_nothing_is_stale() {
        let files = look(&[("app/src/lib.rs", 1)]);
        assert_eq!(stale(&files, &files), Stale::default());
    }

    #[test]
    fn a_page_is_part_of_both_sides() {
        let stale = stale(
            &look(&[("app/src/lib.rs", 1)]),
            &look(&[("app/src/lib.rs", 2)]),
        );
        assert_eq!(
            stale,
            Stale {
                site: true,
                server: true
            }
        );
    }

    #[test]
    fn a_stylesheet_needs_no_new_server() {
        let stale = stale(&look(&[]), &look(&[("style/tokens.css", 1)]));
        assert_eq!(
            stale,
            Stale {
                site: true,
                server: false
            }
        );
    }

    #[test]
    fn a_deleted_source_counts() {
        let stale = stale(&look(&[("server/src/old.rs", 1)]), &look(&[]));
        assert_eq!(
            stale,
            Stale {
                site: false,
                server: true
            }
        );
    }
}
