//! The folder of a cluster's files: the requested directory, or, if the account that runs PostgreSQL cannot
//! enter that directory, a separate folder that a pointer file names.

use std::{
    ffi::OsStr,
    fs::{self, Permissions},
    io,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    path::{Path, PathBuf},
};

use crate::{ClusterError, account::Account};

/// The folder for clusters whose own directory PostgreSQL cannot enter. Only root ever needs it.
const ELSEWHERE: &str = "/var/lib/latchkey";
const POINTER: &str = "location";

/// The folder that holds one cluster and its files.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    folder: PathBuf,
}

impl Home {
    /// Finds or chooses the folder for a directory. The caller holds the directory's lock.
    pub(crate) fn find(directory: &Path, account: Account) -> Result<Self, ClusterError> {
        let pointer = directory.join(POINTER);
        if let Some(folder) = read_pointer(&pointer)? {
            return if folder.is_dir() {
                Ok(Self { folder })
            } else {
                Err(ClusterError::Lost {
                    pointer,
                    home: folder,
                })
            };
        }
        let here = Self {
            folder: directory.to_owned(),
        };
        // An existing cluster stays in its place. If PostgreSQL can no longer reach it, PostgreSQL reports
        // that. A new, empty cluster instead would look as if all data were lost.
        if here.data().exists() || account.can_enter(directory) {
            return Ok(here);
        }
        let folder = claim(Path::new(ELSEWHERE), directory)?;
        fs::write(&pointer, folder.as_os_str().as_bytes())
            .map_err(ClusterError::file("write", &pointer))?;
        tracing::warn!(
            directory = %directory.display(),
            cluster = %folder.display(),
            "the user that runs PostgreSQL cannot enter this directory, so the cluster lies elsewhere"
        );
        Ok(Self { folder })
    }

    /// PostgreSQL's data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("cluster")
    }

    /// The folder in which `initdb` works until it is done.
    pub(crate) fn unfinished(&self) -> PathBuf {
        self.folder.join("cluster.new")
    }

    /// The socket's folder, unless its path is too long for a socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }

    /// PostgreSQL's log file.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("postgres.log")
    }

    /// The file that marks a cluster whose data may be lost.
    pub(crate) fn throwaway(&self) -> PathBuf {
        self.folder.join("throwaway")
    }

    /// A short name for this cluster, for places where the whole path would be too long.
    pub(crate) fn short_name(&self) -> String {
        format!("latchkey-{:016x}", fingerprint(&self.folder))
    }
}

fn read_pointer(pointer: &Path) -> Result<Option<PathBuf>, ClusterError> {
    match fs::read(pointer) {
        Ok(bytes) => Ok(Some(PathBuf::from(OsStr::from_bytes(bytes.trim_ascii())))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ClusterError::file("read", pointer)(error)),
    }
}

/// Creates a new folder for the directory. It never adopts an existing folder: a person who deleted the
/// directory, and the pointer with it, wanted an empty cluster.
fn claim(root: &Path, directory: &Path) -> Result<PathBuf, ClusterError> {
    make_enterable(root)?;
    let name = format!("{:016x}", fingerprint(directory));
    for attempt in 1_u32.. {
        let folder = match attempt {
            1 => root.join(&name),
            _ => root.join(format!("{name}-{attempt}")),
        };
        match fs::create_dir(&folder) {
            Ok(()) => {
                make_enterable(&folder)?;
                return Ok(folder);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(ClusterError::file("create", &folder)(error)),
        }
    }
    Err(ClusterError::file("create", root)(
        io::ErrorKind::AlreadyExists.into(),
    ))
}

/// Lets other users pass through the folder, whatever the umask. Only the owner may list it.
fn make_enterable(folder: &Path) -> Result<(), ClusterError> {
    fs::create_dir_all(folder).map_err(ClusterError::file("create", folder))?;
    fs::set_permissions(folder, Permissions::from_mode(0o711))
        .map_err(ClusterError::file("open up", folder))
}

/// FNV-1a of a path, for a name. It protects nothing.
fn fingerprint(path: &Path) -> u64 {
    path.as_os_str()
        .as_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_stable_and_differs_by_path() {
        assert_eq!(fingerprint(Path::new("a")), 0xaf63_dc4c_8601_ec8c);
        assert_ne!(
            fingerprint(Path::new("/x/1")),
            fingerprint(Path::new("/x/2"))
        );
    }

    #[test]
    fn a_claimed_folder_is_never_claimed_again() {
        let root = std::env::temp_dir().join(format!("latchkey-claim-{}", std::process::id()));
        let first = claim(&root, Path::new("/x")).unwrap();
        let second = claim(&root, Path::new("/x")).unwrap();
        assert_ne!(first, second);
        fs::remove_dir_all(&root).unwrap();
    }
}
