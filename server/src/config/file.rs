//! Finds and reads the configuration file.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use super::ConfigError;

/// The file in the working directory that is read when no file is named.
const DEFAULT_FILE: &str = "latchkey.toml";

/// A configuration file's text, and the name under which its mistakes are reported.
pub(super) struct ConfigFile {
    pub path: PathBuf,
    pub text: String,
}

impl ConfigFile {
    /// Reads the file `named`, which must exist, or else the default file, which need not exist.
    pub fn find(named: Option<&Path>) -> Result<Option<Self>, ConfigError> {
        let path = named.unwrap_or_else(|| Path::new(DEFAULT_FILE));
        match fs::read_to_string(path) {
            Ok(text) => Ok(Some(Self {
                path: path.to_owned(),
                text,
            })),
            Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(ConfigError::Unreadable {
                path: path.to_owned(),
                source,
            }),
        }
    }

    /// The line, counted from 1, that holds the byte at `offset`.
    pub fn line_at(&self, offset: usize) -> usize {
        let newlines = self.text.bytes().take(offset).filter(|byte| *byte == b'\n');
        newlines.count() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_from_one() {
        let file = ConfigFile {
            path: PathBuf::new(),
            text: "a\nbc\n\nd".to_owned(),
        };
        let lines = [0, 1, 2, 4, 5, 6, 99].map(|offset| file.line_at(offset));
        assert_eq!(lines, [1, 1, 2, 2, 3, 4, 4]);
    }

    #[test]
    fn a_named_file_must_be_there() {
        let missing = Path::new("no-such-directory/latchkey.toml");
        let error = ConfigFile::find(Some(missing))
            .err()
            .map(|error| error.to_string());
        let expected = "cannot read the configuration file no-such-directory/latchkey.toml: ";
        assert!(error.is_some_and(|text| text.starts_with(expected)));
    }
}
