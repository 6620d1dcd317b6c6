//! The folder of the Unix socket: closed to all other users, and short enough for `sun_path`.

use std::{
    env,
    fs::{self, DirBuilder},
    io,
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, MetadataExt},
    },
    path::{Path, PathBuf},
};

use crate::{ClusterError, account::Account, home::Home};

/// PostgreSQL's name for its socket. The number is the port, on which no process listens.
const NAME: &str = ".s.PGSQL.5432";
/// `sun_path` holds 108 bytes on Linux, the last of them zero; 104 on BSD and macOS.
const LONGEST: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The permission bits of all users but the owner.
const OTHERS: u32 = 0o077;

/// Creates the socket's folder and returns it: in the cluster's home, or, if that path is too long for a
/// socket, in a short folder. Processes that join later read the folder from `postmaster.pid`.
pub(crate) fn prepare(home: &Home, account: Account) -> Result<PathBuf, ClusterError> {
    let folder = match home.socket() {
        folder if fits(&folder) => folder,
        _ => short_root(account).join(home.short_name()),
    };
    match DirBuilder::new().mode(0o700).create(&folder) {
        Ok(()) => account.own(&folder)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(ClusterError::file("create", &folder)(error)),
    }
    check(&folder, account)?;
    Ok(folder)
}

/// The file that names the process with the socket, as `postmaster.pid` names the process with the data.
pub(crate) fn lock_file(folder: &Path) -> PathBuf {
    folder.join(format!("{NAME}.lock"))
}

fn fits(folder: &Path) -> bool {
    folder.as_os_str().as_bytes().len() + 1 + NAME.len() <= LONGEST
}

fn short_root(account: Account) -> PathBuf {
    let root = match account {
        Account::Other { .. } => Some(PathBuf::from("/run")),
        Account::Own { .. } => env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from),
    };
    root.filter(|folder| folder.is_dir() && fits(&folder.join("latchkey-0123456789abcdef")))
        .unwrap_or_else(|| PathBuf::from("/tmp"))
}

/// Checks that the folder is a real folder of this account alone, because any user may have created it in
/// /tmp first.
fn check(folder: &Path, account: Account) -> Result<(), ClusterError> {
    let found = fs::symlink_metadata(folder).map_err(ClusterError::file("inspect", folder))?;
    if found.is_dir() && found.uid() == account.uid() && found.mode() & OTHERS == 0 {
        return Ok(());
    }
    Err(ClusterError::UnsafeSocketFolder {
        path: folder.to_owned(),
        uid: account.uid(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_path_still_fits() {
        let room = LONGEST - 1 - NAME.len();
        assert!(fits(Path::new(&"x".repeat(room))));
        assert!(!fits(Path::new(&"x".repeat(room + 1))));
    }
}
