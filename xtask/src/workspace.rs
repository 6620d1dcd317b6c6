//! The folders of the checkout, and the target directory, which may be outside of the checkout.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::programs;

/// The package that builds for browsers only. It must never be built together with the other packages: Cargo
/// would give `latchkey-app` the features of both sides.
pub(crate) const FRONTEND: &str = "latchkey-frontend";
/// The one target of the front end.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// A checkout of this repository.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    packages: Vec<String>,
}

impl Workspace {
    /// Asks Cargo about the checkout in which `cargo xtask` was called. `env!` would be wrong: if several
    /// checkouts share a target directory, this program may have been built in another checkout.
    pub(crate) fn find() -> Result<Self> {
        let mut cargo = programs::cargo();
        cargo.args(["metadata", "--format-version=1", "--no-deps"]);
        let metadata: Value = serde_json::from_str(&programs::output(&mut cargo)?)
            .context("cargo metadata printed no JSON")?;
        let path = |key: &str| {
            let text = metadata.get(key).and_then(Value::as_str);
            text.map(PathBuf::from)
                .with_context(|| format!("cargo metadata has no {key}"))
        };
        let packages = metadata.get("packages").and_then(Value::as_array);
        let names = packages.into_iter().flatten().filter_map(|package| {
            let name = package.get("name").and_then(Value::as_str);
            name.map(str::to_owned)
        });
        Ok(Self {
            root: path("workspace_root")?,
            target: path("target_directory")?,
            packages: names.collect(),
        })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The names of the workspace's packages.
    pub(crate) fn packages(&self) -> &[String] {
        &self.packages
    }

    /// The files that browsers load.
    pub(crate) fn site(&self) -> PathBuf {
        self.target.join("site")
    }

    /// The Playwright project.
    pub(crate) fn end2end(&self) -> PathBuf {
        self.root.join("end2end")
    }

    /// The server binary of the dev profile.
    pub(crate) fn dev_server(&self) -> PathBuf {
        self.target.join("debug/latchkey")
    }

    /// Cargo, at the root of the checkout.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = programs::cargo();
        cargo.current_dir(&self.root);
        cargo
    }

    /// The server with its site, at the root of the checkout. Its data are there too, unless a variable names
    /// another folder.
    pub(crate) fn server(&self) -> Command {
        let mut server = Command::new(self.dev_server());
        server
            .current_dir(&self.root)
            .env("LATCHKEY_SITE", self.site());
        if env::var_os("LATCHKEY_DATA").is_none_or(|data| data.is_empty()) {
            server.env("LATCHKEY_DATA", "data");
        }
        server
    }
}
