//! `latchkey serve`: prepares the databases, answers requests, and stops at a signal.

use std::{
    io,
    net::SocketAddr,
    pin::pin,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use axum::Router;
use latchkey_core::{Core, StoreError, database::DatabaseName, module::HostedModule};
use tokio::{net::TcpListener, sync::oneshot};

use crate::{
    config::{Config, ListenAddress},
    connections::{self, Bounds, Limits},
    open_files, output,
    platform::{self, Platform, PrepareError, Purpose},
    stop_signal::StopSignal,
    text::text,
    web,
};

/// The time that requests under way have after the first signal.
const GRACE: Duration = Duration::from_secs(10);

/// The pause between sweeps. Nothing depends on its length: an expired session is refused at once.
const SWEEP_EVERY: Duration = Duration::from_mins(5);

/// The first and the longest pause between attempts to reach PostgreSQL; each pause doubles the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LAST_PAUSE: Duration = Duration::from_secs(30);

/// Serves until a signal arrives.
pub(crate) async fn serve(config: &Config, modules: Vec<HostedModule>) -> anyhow::Result<()> {
    let registry = web::registry()?;
    let mut stop = StopSignal::listen()?;
    let site = web::Site::find()?;
    let bounds = open_files::bounds(config);
    // Listen before the slow steps: a port in use is the most common mistake, and early requests then wait
    // instead of being refused.
    let listeners = listen(&config.server.address).await?;
    let platform = Platform::open(config, modules, Purpose::Serve).await?;
    let served = match web::router(platform.core.clone(), config, &site, &registry) {
        Ok(router) => tokio::select! {
            served = prepare_and_answer(&platform.core, (listeners, bounds), router, &mut stop) => served,
            () = sweep(&platform.core) => Ok(()),
            () = platform.keep_postgresql() => Ok(()),
        },
        Err(error) => Err(error),
    };
    let closed = platform.close().await;
    served.and(closed)
}

/// Listens on all addresses of a name, on the same port of each.
async fn listen(address: &ListenAddress) -> anyhow::Result<Vec<TcpListener>> {
    let asked = address.clone();
    let found = tokio::task::spawn_blocking(move || asked.resolve()).await?;
    let found = found.with_context(|| format!("`server.address`: cannot look up {address}"))?;
    let mut listeners: Vec<TcpListener> = Vec::new();
    for mut one in found {
        // For port 0 the system chooses a port, which all addresses share.
        if let Some(first) = listeners.first() {
            one.set_port(first.local_addr()?.port());
        }
        match TcpListener::bind(one).await {
            Ok(listener) => listeners.push(listener),
            // A name has the address ::1 even if IPv6 is switched off.
            Err(error) if is_elsewhere(address, &error) => {
                tracing::warn!(%address, %one, %error, "not listening on one of the addresses");
            }
            Err(error) => return Err(error).with_context(|| format!("cannot listen on {one}")),
        }
    }
    anyhow::ensure!(
        !listeners.is_empty(),
        "cannot listen on {address}: none of its addresses is on this machine"
    );
    Ok(listeners)
}

fn is_elsewhere(address: &ListenAddress, error: &io::Error) -> bool {
    let is_name = matches!(address, ListenAddress::Name { .. });
    is_name && error.kind() == io::ErrorKind::AddrNotAvailable
}

async fn prepare_and_answer(
    core: &Core,
    door: (Vec<TcpListener>, Bounds),
    router: Router,
    stop: &mut StopSignal,
) -> anyhow::Result<()> {
    let outdated = tokio::select! {
        prepared = prepare(core) => prepared?,
        () = stop.received() => return Ok(()),
    };
    let addresses: Vec<SocketAddr> = door
        .0
        .iter()
        .map(TcpListener::local_addr)
        .collect::<Result<_, _>>()?;
    tracing::info!(?addresses, "ready");
    if let Some(address) = addresses.first() {
        // The log has the address too. If it cannot be printed, the server still serves.
        let _ = output::sentence(&text().listening(&format!("http://{address}")));
    }
    tokio::select! {
        () = answer(core, door, router, stop) => {}
        () = bring_up_to_date(core, outdated) => {}
    }
    Ok(())
}

/// Updates all databases while requests are answered. A request to a database whose turn has not come updates that
/// database itself. Never returns.
async fn bring_up_to_date(core: &Core, names: Vec<DatabaseName>) {
    let (start, count) = (Instant::now(), names.len());
    core.databases.bring_up_to_date(names).await;
    tracing::info!(count, took = ?start.elapsed(), "all databases are up to date");
    std::future::pending::<()>().await;
}

/// Answers requests until a signal arrives, and then finishes the requests under way within a limit. A second
/// signal ends the wait.
async fn answer(
    core: &Core,
    (listeners, bounds): (Vec<TcpListener>, Bounds),
    router: Router,
    stop: &mut StopSignal,
) {
    let (finish, finishing) = oneshot::channel::<()>();
    let finishing = async move {
        // The sender sends nothing: its drop is the signal.
        let _ = finishing.await;
    };
    let mut server = pin!(connections::answer(
        listeners,
        router,
        bounds,
        Limits::default(),
        finishing
    ));
    tokio::select! {
        () = &mut server => return,
        () = stop.received() => {}
    }
    tracing::info!("stopping");
    drop(finish);
    // Streams would last as long as their pages. The pages reconnect to another node.
    core.live.stop();
    tokio::select! {
        () = &mut server => {}
        () = tokio::time::sleep(GRACE) => tracing::warn!(limit = ?GRACE, "requests that were still running were cut off"),
        () = stop.received() => tracing::warn!("a second signal: requests that were still running were cut off"),
    }
}

/// Sweeps all databases, one after the other, repeatedly. Never returns.
async fn sweep(core: &Core) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        if let Err(error) = core.sweeper.sweep_all().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot sweep");
        }
    }
}

/// Prepares the server for all databases, and lists the databases that are to be updated. Without PostgreSQL the
/// server still starts, and prepares and updates the databases when PostgreSQL is back. Until then every request that
/// needs a database is refused, and `/readyz` answers 503.
async fn prepare(core: &Core) -> Result<Vec<DatabaseName>, PrepareError> {
    match platform::prepare(core).await {
        Err(PrepareError::Store(error @ StoreError::Unavailable(_)))
            if !error.is_wrong_log_in() =>
        {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "cannot prepare the databases yet"
            );
            tokio::spawn(prepare_later(core.clone()));
            Ok(Vec::new())
        }
        prepared => prepared,
    }
}

async fn prepare_later(core: Core) {
    let mut pause = FIRST_PAUSE;
    loop {
        tokio::time::sleep(pause).await;
        match platform::prepare(&core).await {
            Ok(names) => {
                core.databases.bring_up_to_date(names).await;
                return tracing::info!("PostgreSQL is available, and the databases are prepared");
            }
            Err(error) => {
                pause = LAST_PAUSE.min(pause * 2);
                tracing::warn!(error = &error as &dyn std::error::Error, again_in = ?pause, "cannot prepare the databases yet");
            }
        }
    }
}
