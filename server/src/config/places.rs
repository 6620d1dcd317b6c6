//! `[places]`: where addresses are.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Where addresses are.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Places {
    file: PathBuf,
}

impl Places {
    /// The file that knows, in the format `mmdb`; `None`: no places are shown.
    pub fn file(&self) -> Option<&Path> {
        Some(self.file.as_path()).filter(|file| !file.as_os_str().is_empty())
    }
}
