//! The account that runs PostgreSQL. PostgreSQL refuses root, so root hands over to an account without rights.

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
};

use crate::ClusterError;

const PASSWD: &str = "/etc/passwd";
/// The accounts in order of preference; `nobody` exists on every Linux system.
const CANDIDATES: [&str; 2] = ["postgres", "nobody"];

/// The user that runs PostgreSQL and owns its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account {
    /// The user of this process.
    Own { uid: u32 },
    /// This process is root; the other account takes over.
    Other { uid: u32, gid: u32 },
}

impl Account {
    /// The account of this process, or for root the first existing account without rights.
    pub(crate) fn choose() -> Result<Self, ClusterError> {
        let own = rustix::process::geteuid();
        if !own.is_root() {
            return Ok(Self::Own { uid: own.as_raw() });
        }
        let path = Path::new(PASSWD);
        let passwd = fs::read_to_string(path).map_err(ClusterError::file("read", path))?;
        CANDIDATES
            .iter()
            .find_map(|name| find(&passwd, name))
            .ok_or(ClusterError::NoAccount)
    }

    pub(crate) fn uid(self) -> u32 {
        match self {
            Self::Own { uid } | Self::Other { uid, .. } => uid,
        }
    }

    /// Makes the command run as this account.
    pub(crate) fn apply(self, command: &mut Command) -> &mut Command {
        match self {
            Self::Own { .. } => command,
            // Setting the uid as root also drops the supplementary groups.
            Self::Other { uid, gid } => command.uid(uid).gid(gid),
        }
    }

    /// Gives a file or folder to this account.
    pub(crate) fn own(self, path: &Path) -> Result<(), ClusterError> {
        match self {
            Self::Own { .. } => Ok(()),
            Self::Other { uid, gid } => chown(path, Some(uid), Some(gid))
                .map_err(ClusterError::file("change the owner of", path)),
        }
    }

    /// Whether this account can enter the folder. The system decides, because permission bits alone do not
    /// show access lists and mount options.
    pub(crate) fn can_enter(self, folder: &Path) -> bool {
        if matches!(self, Self::Own { .. }) {
            return true;
        }
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", "cd -P -- \"$1\"", "sh"])
            .arg(folder)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.apply(&mut command)
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// Finds a user in the text of a passwd(5) file.
fn find(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account::Other { uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "root:x:0:0:root:/root:/bin/bash\n\
        postgresql:x:7:7::/:/bin/sh\n\
        postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash\n";

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        assert_eq!(
            find(SAMPLE, "postgres"),
            Some(Account::Other { uid: 101, gid: 104 })
        );
    }

    #[test]
    fn an_unknown_user_is_not_found() {
        assert_eq!(find(SAMPLE, "nobody"), None);
    }

    #[test]
    fn a_damaged_line_is_not_a_user() {
        assert_eq!(find("postgres:x:abc:104::/:/bin/sh", "postgres"), None);
        assert_eq!(find("postgres", "postgres"), None);
    }
}
