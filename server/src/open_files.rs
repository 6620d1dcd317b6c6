//! The limit of open files, raised to what the configuration needs. If the system does not permit that, there
//! are fewer connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::{config::Config, connections::Bounds};

/// Open files besides connections of peers: programs, libraries, the log, listening connections to PostgreSQL.
const SPARE: u64 = 256;

/// The divisor of all files that gives the least number of files for connections, however many PostgreSQL may
/// use.
const LEAST_PART: u64 = 4;

/// The bounds of connections, after raising the limit of open files as far as needed.
pub(crate) fn bounds(config: &Config) -> Bounds {
    let wanted = config.server.max_connections;
    let postgresql = config.database.max_pools as u64 * u64::from(config.database.max_connections);
    let reserved = postgresql.saturating_add(SPARE);
    let needed = reserved.saturating_add(wanted as u64);
    let permitted = raise(needed);
    let connections = connections(wanted, reserved, permitted);
    if connections < wanted {
        tracing::warn!(
            permitted,
            needed,
            connections,
            "the limit of open files is too low for the configuration, and there will be fewer connections than \
             `server.max_connections`: raise the limit (systemd: LimitNOFILE=, a shell: ulimit -Hn)"
        );
    }
    Bounds {
        connections,
        per_network: config.server.max_connections_per_address,
        trusted: config.server.trusted_proxies.clone(),
    }
}

/// Raises the limit to at least `needed` if the system permits that. Returns the limit in force.
fn raise(needed: u64) -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let current = current.unwrap_or(u64::MAX);
    if current >= needed {
        return current;
    }
    let raised = needed.min(maximum.unwrap_or(u64::MAX));
    let limit = Rlimit {
        current: Some(raised),
        maximum,
    };
    match setrlimit(Resource::Nofile, limit) {
        Ok(()) => raised,
        Err(error) => {
            tracing::warn!(%error, raised, "cannot raise the limit of open files");
            current
        }
    }
}

fn connections(wanted: usize, reserved: u64, permitted: u64) -> usize {
    let left = permitted
        .saturating_sub(reserved)
        .max(permitted / LEAST_PART);
    wanted.min(usize::try_from(left).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_fit_into_the_files_that_may_be_open() {
        let of = |permitted| connections(8192, 1_000, permitted);
        assert_eq!(of(u64::MAX), 8192);
        assert_eq!(of(9_192), 8192);
        assert_eq!(of(9_191), 8191);
        assert_eq!(of(1_024), 256);
        assert_eq!(of(0), 0);
    }

    #[test]
    fn the_limit_is_raised_and_never_lowered() {
        let now = raise(0);
        assert_eq!(raise(now), now);
        assert!(raise(now.saturating_add(1)) >= now);
    }
}
