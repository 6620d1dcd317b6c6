//! The text files of a checkout that are written by us.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Folders and files that are built, installed or recorded.
const SKIPPED: [&str; 9] = [
    ".git",
    ".sqlx",
    "data",
    "node_modules",
    "playwright-report",
    "public",
    "target",
    "test-results",
    "package-lock.json",
];
const TEXT: [&str; 12] = [
    "css", "html", "json", "js", "md", "rs", "sh", "sql", "toml", "ts", "yaml", "yml",
];

/// Name and text of each file that is written by us, in order of name.
pub(crate) fn read_all(root: &Path) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    collect(root, root, &mut files)?;
    files.sort();
    let read = |file: PathBuf| {
        let name = file.to_string_lossy().replace('\\', "/");
        let source =
            fs::read_to_string(root.join(&file)).with_context(|| format!("cannot read {name}"))?;
        Ok((name, source))
    };
    files.into_iter().map(read).collect()
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if SKIPPED.iter().any(|skipped| name == *skipped) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(root, &path, files)?;
        } else if has_extension(&path, &TEXT) {
            files.push(path.strip_prefix(root)?.to_owned());
        }
    }
    Ok(())
}

/// Whether a file has one of these extensions.
pub(crate) fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| extensions.contains(&extension))
}

/// Tests may look behind the scenes, and so may the tools for them.
pub(crate) fn is_test(name: &str) -> bool {
    let in_folder = |folder: &str| name.contains(&format!("/{folder}/"));
    let file = name.rsplit('/').next().unwrap_or(name);
    in_folder("tests")
        || in_folder("testing")
        || in_folder("examples")
        || matches!(file, "tests.rs" | "testing.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_and_their_tools_are_tests() {
        for test in [
            "a/tests/b.rs",
            "a/src/c/tests.rs",
            "a/src/testing.rs",
            "a/examples/b.rs",
        ] {
            assert!(is_test(test), "{test}");
        }
        assert!(!is_test("a/src/attests.rs"));
    }
}
