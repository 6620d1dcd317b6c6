//! `latchkey serve`: prepares the databases, answers requests, and ends when it is asked to.

use std::{pin::pin, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::Router;
use latchkey_core::{Core, StoreError, module::Module};
use tokio::{net::TcpListener, sync::oneshot};

use crate::{
    cli::output,
    config::Config,
    connections::{self, Bounds, Limits},
    open_files,
    platform::{self, Platform, PrepareError, Purpose},
    stop_signal::StopSignal,
    web,
};

/// How long requests in flight may take once the end is near.
const GRACE: Duration = Duration::from_secs(10);

/// Nothing depends on when it happens: an expired session is refused at once.
const SWEEP_EVERY: Duration = Duration::from_mins(5);

/// Pauses between attempts to reach PostgreSQL double from the first to the last.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LAST_PAUSE: Duration = Duration::from_secs(30);

/// Serves until a signal comes.
pub(crate) async fn serve(config: &Config, modules: Vec<Arc<dyn Module>>) -> anyhow::Result<()> {
    let mut stop = StopSignal::listen()?;
    let site = web::Site::find()?;
    let bounds = open_files::bounds(config);
    // Before anything that takes time: a port that is taken is the commonest mistake, and from here
    // on early requests wait instead of being refused.
    let address = config.server.address;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))?;
    let platform = Platform::open(config, modules, Purpose::Serve).await?;
    let served = match web::router(platform.core.clone(), config, &site) {
        Ok(router) => tokio::select! {
            served = prepare_and_answer(&platform.core, (listener, bounds), router, &mut stop) => served,
            () = sweep(&platform.core) => Ok(()),
            () = platform.keep_postgresql() => Ok(()),
        },
        Err(error) => Err(error),
    };
    let closed = platform.close().await;
    served.and(closed)
}

async fn prepare_and_answer(
    core: &Core,
    door: (TcpListener, Bounds),
    router: Router,
    stop: &mut StopSignal,
) -> anyhow::Result<()> {
    tokio::select! {
        prepared = prepare(core) => prepared?,
        () = stop.received() => return Ok(()),
    }
    let address = door.0.local_addr()?;
    tracing::info!(%address, "ready");
    // Nobody may be reading: that is no reason not to serve.
    let _ = output::line(&format!("Latchkey listens on http://{address}"));
    answer(core, door, router, stop).await;
    Ok(())
}

/// Answers until a signal comes, and then what is in flight, for a limited time. A second signal
/// ends the wait.
async fn answer(
    core: &Core,
    (listener, bounds): (TcpListener, Bounds),
    router: Router,
    stop: &mut StopSignal,
) {
    let (finish, finishing) = oneshot::channel::<()>();
    let finishing = async move {
        // Dropping the other end is the signal.
        let _ = finishing.await;
    };
    let mut server = pin!(connections::answer(
        listener,
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
    // Streams would last as long as their pages: those come back, to another node.
    core.live.stop();
    tokio::select! {
        () = &mut server => {}
        () = tokio::time::sleep(GRACE) => tracing::warn!(limit = ?GRACE, "requests that were still running were cut off"),
        () = stop.received() => tracing::warn!("a second signal: requests that were still running were cut off"),
    }
}

/// Sweeps all databases, one after the other, again and again. Never returns.
async fn sweep(core: &Core) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        if let Err(error) = core.sweep_all().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot sweep");
        }
    }
}

/// Without PostgreSQL the server starts nevertheless, and prepares the databases when it is back:
/// until then every request that needs one is refused, and the server is not ready.
async fn prepare(core: &Core) -> Result<(), PrepareError> {
    match platform::prepare(core).await {
        Err(PrepareError::Store(error @ StoreError::Unavailable(_))) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "cannot prepare the databases yet"
            );
            tokio::spawn(prepare_later(core.clone()));
            Ok(())
        }
        prepared => prepared,
    }
}

async fn prepare_later(core: Core) {
    let mut pause = FIRST_PAUSE;
    loop {
        tokio::time::sleep(pause).await;
        match platform::prepare(&core).await {
            Ok(()) => {
                return tracing::info!("PostgreSQL is available, and the databases are prepared");
            }
            Err(error) => {
                pause = LAST_PAUSE.min(pause * 2);
                tracing::warn!(error = &error as &dyn std::error::Error, again_in = ?pause, "cannot prepare the databases yet");
            }
        }
    }
}
