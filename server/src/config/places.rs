//! `[places]`: the file with the places of addresses.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The file with the places of addresses.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Places {
    file: PathBuf,
}

impl Places {
    /// The file in the format `mmdb`; `None`: no places are shown.
    pub fn file(&self) -> Option<&Path> {
        Some(self.file.as_path()).filter(|file| !file.as_os_str().is_empty())
    }
}
