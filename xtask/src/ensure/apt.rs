//! Installs packages on Debian and its relatives.

use std::{
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::{Context, Result};

use crate::programs;

/// Whether this system has apt.
pub(crate) fn is_there() -> bool {
    programs::on_path(&["apt-get"]).is_some()
}

/// Installs a package. Refreshes the package lists before the first package.
pub(crate) fn install(package: &str) -> Result<()> {
    static UPDATED: AtomicBool = AtomicBool::new(false);
    println!("installing {package} with apt-get");
    if !UPDATED.swap(true, Ordering::Relaxed) {
        run(&["apt-get", "update", "--quiet"])?;
    }
    run(&[
        "apt-get",
        "install",
        "--quiet",
        "--yes",
        "--no-install-recommends",
        package,
    ])
    .with_context(|| format!("type: apt-get install --no-install-recommends {package}"))
}

/// Configures Debian's package, before it is installed, to create no cluster.
pub(crate) fn configure_no_postgresql_cluster() -> Result<()> {
    const SCRIPT: &str = "mkdir -p /etc/postgresql-common && \
        echo 'create_main_cluster = false' >> /etc/postgresql-common/createcluster.conf";
    run(&["sh", "-c", SCRIPT])
}

/// Runs a program as root and without questions. An existing configuration file stays.
fn run(words: &[&str]) -> Result<()> {
    let mut command = if rustix::process::geteuid().is_root() {
        Command::new("env")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.arg("env");
        sudo
    };
    command.args(["DEBIAN_FRONTEND=noninteractive", "UCF_FORCE_CONFFOLD=1"]);
    programs::run(command.args(words))
}
