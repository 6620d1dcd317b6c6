//! Creates the files of a new cluster, once.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    Binaries, ClusterError, account::Account, durability::Durability, home::Home, url::SUPERUSER,
};

/// The first version with a locale that does not depend on the operating system.
const BUILTIN_LOCALE_SINCE: u32 = 17;

/// The major version that created the cluster's data; `None` if there are no data yet.
pub(crate) fn data_version(home: &Home) -> Result<Option<String>, ClusterError> {
    let path = home.data().join("PG_VERSION");
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ClusterError::file("read", &path)(error)),
    }
}

/// Refuses to run real data without fsync, and to reuse data that once ran without fsync.
pub(crate) fn check_durability(home: &Home, wanted: Durability) -> Result<(), ClusterError> {
    let created = if home.throwaway().exists() {
        Durability::Throwaway
    } else {
        Durability::Durable
    };
    if created == wanted {
        return Ok(());
    }
    Err(ClusterError::OtherDurability {
        directory: home.data(),
        created: created.name(),
        wanted: wanted.name(),
    })
}

/// Runs `initdb`. The cluster gets its final name only when it is complete, so that a crash before that
/// leaves nothing that looks like a cluster.
pub(crate) fn create(
    home: &Home,
    account: Account,
    binaries: &Binaries,
    durability: Durability,
) -> Result<(), ClusterError> {
    let unfinished = home.unfinished();
    remove(&unfinished)?;
    DirBuilder::new()
        .mode(0o700)
        .create(&unfinished)
        .map_err(ClusterError::file("create", &unfinished))?;
    account.own(&unfinished)?;
    mark(home, durability)?;
    initdb(&unfinished, account, binaries, durability)?;
    let data = home.data();
    fs::rename(&unfinished, &data).map_err(ClusterError::file("rename", &unfinished))?;
    tracing::info!(directory = %data.display(), version = binaries.major(), "created a PostgreSQL cluster");
    Ok(())
}

fn remove(folder: &Path) -> Result<(), ClusterError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(ClusterError::file("remove", folder)(error))
        }
        _ => Ok(()),
    }
}

fn mark(home: &Home, durability: Durability) -> Result<(), ClusterError> {
    let path = home.throwaway();
    match durability {
        Durability::Throwaway => fs::write(&path, "").map_err(ClusterError::file("write", &path)),
        Durability::Durable => match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(ClusterError::file("remove", &path)(error))
            }
            _ => Ok(()),
        },
    }
}

fn initdb(
    data: &Path,
    account: Account,
    binaries: &Binaries,
    durability: Durability,
) -> Result<(), ClusterError> {
    let program = binaries.program("initdb");
    let mut command = Command::new(&program);
    command.arg("--pgdata").arg(data);
    command.args(["--username", SUPERUSER, "--auth=trust", "--encoding=UTF8"]);
    command.args([
        "--no-locale",
        "--lc-ctype=C.UTF-8",
        "--text-search-config=simple",
    ]);
    if binaries.major() >= BUILTIN_LOCALE_SINCE {
        command.args(["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]);
    }
    match durability {
        Durability::Durable => command.arg("--data-checksums"),
        Durability::Throwaway => command.arg("--no-sync"),
    };
    clean_environment(&mut command)
        .current_dir(data)
        .stdin(Stdio::null());
    let output = account
        .apply(&mut command)
        .output()
        .map_err(ClusterError::spawn(&program))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    Err(ClusterError::Initdb {
        status: output.status.to_string(),
        output: String::from_utf8_lossy(&text).trim().to_owned(),
    })
}

/// Clears the environment, because PGDATA, PGPORT and similar variables, or a translated log, must not affect
/// a private cluster.
pub(crate) fn clean_environment(command: &mut Command) -> &mut Command {
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C")
}
