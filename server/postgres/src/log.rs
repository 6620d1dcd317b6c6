//! PostgreSQL's log file: opened for the child, limited in size, quoted in errors.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Seek, SeekFrom},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use crate::ClusterError;

/// The size, in bytes, above which a start renames the log to the previous log.
const ROTATE_AT: u64 = 10 * 1024 * 1024;
const TAIL_BYTES: u64 = 8 * 1024;
const TAIL_LINES: usize = 20;

/// Opens the log for appending, after renaming a large log.
pub(crate) fn open(path: &Path) -> Result<File, ClusterError> {
    if fs::metadata(path).is_ok_and(|found| found.len() > ROTATE_AT) {
        let previous = path.with_extension("log.1");
        fs::rename(path, &previous).map_err(ClusterError::file("rename", path))?;
    }
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(ClusterError::file("open", path))
}

/// The present length of the log, in bytes: later lines start there.
pub(crate) fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |found| found.len())
}

/// The last lines, from byte `start` on; empty if the log cannot be read.
pub(crate) fn tail(path: &Path, start: u64) -> String {
    read_end(path, start).unwrap_or_default()
}

fn read_end(path: &Path, start: u64) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(
        start.max(length.saturating_sub(TAIL_BYTES)),
    ))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let skip = lines.len().saturating_sub(TAIL_LINES);
    Ok(lines.into_iter().skip(skip).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_the_last_lines_after_the_start() {
        let path = std::env::temp_dir().join(format!("latchkey-tail-{}", std::process::id()));
        let lines: Vec<String> = (0..100).map(|n| format!("line {n}\n")).collect();
        fs::write(&path, lines.concat()).unwrap();
        assert!(tail(&path, 0).starts_with("line 80\n"));
        assert_eq!(tail(&path, length(&path) - 8), "line 99");
        fs::remove_file(&path).unwrap();
        assert_eq!(tail(&path, 0), "");
    }
}
