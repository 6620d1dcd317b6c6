//! Builds the files that browsers load: WebAssembly, its glue, the stylesheet, public files.
//!
//! The names carry a hash of the content, so browsers may keep the files for good. `site.toml` lists the
//! names for the server.

mod compress;
mod stylesheet;
mod texts;
mod webassembly;

use std::{
    fmt::Write as _,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::workspace::Workspace;
pub(crate) use webassembly::Pages;

/// The purpose of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// For development: built quickly.
    Dev,
    /// For a release: small, and compressed in advance.
    Release,
}

/// Builds the site into its folder. The folder changes only when the build is complete.
pub(crate) fn build(workspace: &Workspace, mode: Mode) -> Result<()> {
    let unfinished = workspace.target().join("site.new");
    remove(&unfinished)?;
    fs::create_dir_all(&unfinished)?;
    let style = stylesheet::concatenate(&workspace.root().join("style"))?;
    let stylesheet = format!("latchkey.{}.css", hash(&[style.as_bytes()]));
    fs::write(unfinished.join(&stylesheet), style)?;
    let mut names = format!("stylesheet = \"{stylesheet}\"\n");
    for pages in Pages::ALL {
        let module = webassembly::compile(workspace, pages, mode)?;
        let glued = webassembly::glue(&module, &unfinished, mode)?;
        let kind = pages.name();
        texts::refuse(&workspace.root().join("app/locales"), &glued.module)
            .with_context(|| format!("the WebAssembly for {kind} pages"))?;
        let name = format!("{kind}.{}", hash(&[&glued.script, &glued.module]));
        fs::write(unfinished.join(format!("{name}.js")), &glued.script)?;
        fs::write(unfinished.join(format!("{name}_bg.wasm")), &glued.module)?;
        writeln!(names, "{kind} = \"{name}\"")?;
        let size = glued.module.len() / 1024;
        println!("site: {size} KB of WebAssembly for {kind} pages");
    }
    fs::write(unfinished.join("site.toml"), names)?;
    copy_public(&workspace.root().join("style/public"), &unfinished)?;
    if mode == Mode::Release {
        compress::folder(&unfinished)?;
    }
    swap(&unfinished, &workspace.site())
}

/// The first 64 bits of SHA-256, in hex, which is enough to distinguish versions.
fn hash(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    digest
        .finalize()
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

/// Replaces the old folder by the new one.
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
        assert_eq!(hash(&[]), "e3b0c44298fc1c14");
        assert_ne!(hash(&[b"a"]), hash(&[b"b"]));
    }
}
