//! Finds the programs of an installed PostgreSQL server and tells their version.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::ClusterError;

/// The folder of the server programs on Debian and its relatives, with one folder for each major version.
const INSTALLED: &str = "/usr/lib/postgresql";

/// A folder with the programs of one PostgreSQL server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    major: u32,
}

impl Binaries {
    /// Finds a server: in `configured` if that is given, else the newest below `/usr/lib/postgresql`, else on
    /// `PATH`.
    pub fn find(configured: Option<&Path>) -> Result<Self, ClusterError> {
        let candidates = candidates(configured);
        match candidates.iter().find(|folder| is_server(folder)) {
            Some(folder) => Self::inspect(folder),
            None => Err(not_installed(&candidates)),
        }
    }

    /// Like [`Binaries::find`], for data of the major version `wanted` (as written in the file `PG_VERSION`):
    /// finds an installed server of that version in any place.
    pub(crate) fn find_for(
        configured: Option<&Path>,
        wanted: &str,
        directory: &Path,
    ) -> Result<Self, ClusterError> {
        let preferred = Self::find(configured)?;
        if preferred.major.to_string() == wanted {
            return Ok(preferred);
        }
        let matching = candidates(None)
            .iter()
            .filter(|folder| is_server(folder))
            .filter_map(|folder| Self::inspect(folder).ok())
            .find(|binaries| binaries.major.to_string() == wanted);
        matching.ok_or_else(|| ClusterError::WrongMajor {
            directory: directory.to_owned(),
            data: wanted.to_owned(),
            installed: preferred.major,
        })
    }

    /// The path of one program, such as `initdb`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The major version, such as 15.
    pub fn major(&self) -> u32 {
        self.major
    }

    fn inspect(folder: &Path) -> Result<Self, ClusterError> {
        let program = folder.join("postgres");
        let output = Command::new(&program)
            .arg("--version")
            .output()
            .map_err(ClusterError::spawn(&program))?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        match major_of(&said) {
            Some(major) => Ok(Self {
                folder: folder.to_owned(),
                major,
            }),
            None => Err(ClusterError::UnknownVersion { program, said }),
        }
    }
}

/// Folders that may hold a server, best first.
fn candidates(configured: Option<&Path>) -> Vec<PathBuf> {
    if let Some(folder) = configured {
        return vec![folder.to_owned()];
    }
    let mut folders = installed(Path::new(INSTALLED));
    folders.extend(env::var_os("PATH").iter().flat_map(env::split_paths));
    folders
}

/// The `bin` folders below `root`, newest version first.
fn installed(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let mut majors: Vec<u32> = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    majors.sort_unstable_by(|a, b| b.cmp(a));
    majors
        .iter()
        .map(|major| root.join(major.to_string()).join("bin"))
        .collect()
}

fn is_server(folder: &Path) -> bool {
    ["postgres", "initdb"]
        .iter()
        .all(|name| folder.join(name).is_file())
}

fn not_installed(candidates: &[PathBuf]) -> ClusterError {
    let mut searched = vec![format!("{INSTALLED}/*/bin")];
    searched.extend(candidates.iter().map(|folder| folder.display().to_string()));
    ClusterError::NotInstalled {
        searched: searched.join(", "),
    }
}

/// Takes 15 from "postgres (PostgreSQL) 15.8 (Debian …)", 18 from "postgres (PostgreSQL) 18beta1".
fn major_of(said: &str) -> Option<u32> {
    let (_, version) = said.split_once("(PostgreSQL) ")?;
    let digits = version.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_the_first_number() {
        assert_eq!(
            major_of("postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)"),
            Some(15)
        );
        assert_eq!(major_of("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_of("postgres (EnterpriseDB) 15"), None);
        assert_eq!(major_of(""), None);
    }

    #[test]
    fn newer_versions_come_first_by_number() {
        let root = env::temp_dir().join(format!("latchkey-binaries-{}", std::process::id()));
        for name in ["9", "15", "100", "common"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        let expected: Vec<PathBuf> = ["100", "15", "9"]
            .iter()
            .map(|name| root.join(name).join("bin"))
            .collect();
        assert_eq!(installed(&root), expected);
        fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn a_folder_without_a_server_says_what_to_type() {
        let error = Binaries::find(Some(Path::new("/nonexistent"))).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("apt-get install"), "{text}");
        assert!(text.contains("create_main_cluster = false"), "{text}");
        assert!(text.contains("/nonexistent"), "{text}");
    }
}
