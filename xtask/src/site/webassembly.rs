//! Compiles the front end and makes the JavaScript that loads it.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use super::Mode;
use crate::{
    programs,
    workspace::{FRONTEND, WASM, Workspace},
};

const FILE: &str = "latchkey_frontend.wasm";
const STEM: &str = "frontend";

/// The variants of the front end. Each page loads only the variant that it needs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pages {
    /// The pages that strangers see. Every browser loads them first.
    Public,
    /// The pages of a person who is logged in.
    LoggedIn,
}

impl Pages {
    pub(crate) const ALL: [Self; 2] = [Self::Public, Self::LoggedIn];

    /// The variant's name for the server and in file names.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::LoggedIn => "logged-in",
        }
    }

    pub(crate) fn features(self) -> &'static [&'static str] {
        match self {
            Self::Public => &[],
            Self::LoggedIn => &["--features", "logged-in"],
        }
    }
}

/// The front end, ready for a browser.
#[derive(Debug)]
pub(super) struct Glued {
    pub(super) script: Vec<u8>,
    pub(super) module: Vec<u8>,
}

/// Compiles for the browser; returns the path of the raw module, which the next call overwrites.
pub(super) fn compile(workspace: &Workspace, pages: Pages, mode: Mode) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--lib", "--package", FRONTEND, "--target", WASM]);
    cargo.args(pages.features());
    let profile = match mode {
        Mode::Dev => "debug",
        Mode::Release => {
            cargo.args(["--profile", "wasm-release"]);
            cargo.env("CARGO_ENCODED_RUSTFLAGS", short_paths(workspace)?);
            "wasm-release"
        }
    };
    programs::run(&mut cargo)?;
    Ok(workspace.target().join(WASM).join(profile).join(FILE))
}

/// Flags that shorten the paths of source files. A panic names its file, so the paths are a part of the module, and would
/// tell every visitor the name of the builder's home.
fn short_paths(workspace: &Workspace) -> Result<String> {
    let home = match env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => env::home_dir().context("no home folder")?.join(".cargo"),
    };
    let registries = fs::read_dir(home.join("registry/src"))
        .into_iter()
        .flatten();
    let registries = registries.flatten().map(|registry| registry.path());
    let prefixes: Vec<_> = registries.chain([workspace.root().to_owned()]).collect();
    let flag = |prefix: &PathBuf| format!("--remap-path-prefix={}=", prefix.display());
    let flags: Vec<String> = prefixes.iter().map(flag).collect();
    Ok(flags.join("\u{1f}"))
}

/// Makes the glue. The glue does not contain the module's address: the page passes the address, which has the
/// hash. JavaScript that some crates bring stays in the folder, below `snippets/`, where the glue looks for
/// it. Its names carry a hash of the crate.
pub(super) fn glue(raw: &Path, folder: &Path, mode: Mode) -> Result<Glued> {
    let small = mode == Mode::Release;
    let mut output = Bindgen::new()
        .input_path(raw)
        .out_name(STEM)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .keep_debug(false)
        .remove_name_section(small)
        .remove_producers_section(small)
        .generate_output()
        .with_context(|| format!("cannot make the glue for {}", raw.display()))?;
    output.emit(folder)?;
    Ok(Glued {
        script: take(&folder.join(format!("{STEM}.js")))?,
        module: take(&folder.join(format!("{STEM}_bg.wasm")))?,
    })
}

/// Reads a file and deletes it, because the content gets a new name with a hash.
fn take(path: &Path) -> Result<Vec<u8>> {
    let content = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    fs::remove_file(path)?;
    Ok(content)
}
