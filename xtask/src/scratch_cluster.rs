//! A PostgreSQL cluster for one command, deleted at its end.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context, Result};
use latchkey_postgres::{Cluster, Durability};

const PREFIX: &str = "latchkey-scratch-";

/// A throwaway cluster in the system's folder for temporary files. Each command has a separate cluster,
/// because two test runs in one cluster would use the same names of databases.
#[derive(Debug)]
pub(crate) struct ScratchCluster {
    directory: PathBuf,
    cluster: Option<Cluster>,
}

impl ScratchCluster {
    pub(crate) fn start() -> Result<Self> {
        let root = env::temp_dir();
        remove_leftovers(&root);
        let directory = root.join(format!("{PREFIX}{}", process::id()));
        let cluster = Cluster::open(&directory, Durability::Throwaway, None)
            .context("cannot start a PostgreSQL cluster")?;
        Ok(Self {
            directory,
            cluster: Some(cluster),
        })
    }

    /// The URL of a database in the cluster.
    pub(crate) fn url(&self, database: &str) -> Result<String> {
        let cluster = self.cluster.as_ref().context("the cluster is closed")?;
        Ok(cluster.url(database))
    }

    /// Stops and deletes the cluster. Dropping does the same, but silently.
    pub(crate) fn close(mut self) -> Result<()> {
        if let Some(cluster) = self.cluster.take() {
            cluster
                .close()
                .context("cannot stop the PostgreSQL cluster")?;
        }
        fs::remove_dir_all(&self.directory)
            .with_context(|| format!("cannot delete {}", self.directory.display()))
    }
}

impl Drop for ScratchCluster {
    fn drop(&mut self) {
        if let Some(cluster) = self.cluster.take() {
            drop(cluster);
            let _ = fs::remove_dir_all(&self.directory);
        }
    }
}

/// Stops and deletes the clusters of ended commands. Ctrl-C leaves a cluster running.
fn remove_leftovers(root: &Path) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        if owner.is_some_and(has_ended) {
            let stopped = Cluster::open(&entry.path(), Durability::Throwaway, None);
            if stopped.and_then(Cluster::close).is_ok() {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// Whether the process has ended. Without /proc this is unknown, and no cluster is removed.
fn has_ended(process: &str) -> bool {
    let numbered = process.parse::<u32>().is_ok();
    numbered && Path::new("/proc/self").exists() && !Path::new("/proc").join(process).exists()
}
