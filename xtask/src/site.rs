//! Builds what the server delivers as files: WebAssembly, its glue, the stylesheet, public files.
//!
//! Names carry a hash of the content, so browsers may keep the files for good. `hash.txt` tells
//! the server the hashes, in the form that leptos reads.

mod compress;
mod stylesheet;
mod webassembly;

use crate::workspace::Workspace;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What a build is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Built quickly.
    Dev,
    /// Small, and compressed ahead of time.
    Release,
}

/// Builds the site into its folder, which changes only when everything is there.
pub(crate) fn build(workspace: &Workspace, mode: Mode) -> Result<()> {
    let module = webassembly::compile(workspace, mode)?;
    let started = Instant::now();
    let style = stylesheet::concatenate(&workspace.root().join("style"))?;
    let unfinished = workspace.target().join("site.new");
    remove(&unfinished)?;
    fs::create_dir_all(&unfinished)?;
    let glued = webassembly::glue(&module, &unfinished, mode)?;
    copy_public(&workspace.root().join("style/public"), &unfinished)?;
    let parts = [
        ("js", glued.script.as_slice()),
        ("wasm", glued.module.as_slice()),
        ("css", style.as_bytes()),
    ];
    let mut hashes = Vec::new();
    for (kind, content) in parts {
        let hash = hash(content);
        fs::write(unfinished.join(format!("latchkey.{hash}.{kind}")), content)?;
        hashes.push(format!("{kind}: {hash}\n"));
    }
    fs::write(unfinished.join("hash.txt"), hashes.concat())?;
    if mode == Mode::Release {
        compress::folder(&unfinished)?;
    }
    swap(&unfinished, &workspace.site())?;
    println!(
        "site: {} KB of WebAssembly, {:?}",
        glued.module.len() / 1024,
        started.elapsed()
    );
    Ok(())
}

/// The first 64 bits of SHA-256, in hex: enough to tell versions apart.
fn hash(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
}

fn copy_public(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy_public(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot delete {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Puts the new folder in the place of the old one.
fn swap(unfinished: &Path, site: &Path) -> Result<()> {
    let old: PathBuf = site.with_extension("old");
    remove(&old)?;
    if site.exists() {
        fs::rename(site, &old)?;
    }
    fs::rename(unfinished, site)?;
    remove(&old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_short_and_depends_on_the_content() {
        assert_eq!(hash(b""), "e3b0c44298fc1c14");
        assert_ne!(hash(b"a"), hash(b"b"));
    }
}
