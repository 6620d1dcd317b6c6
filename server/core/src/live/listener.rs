//! The connection that listens to PostgreSQL's notifications on sessions.

use std::{sync::Arc, time::Duration};

use sqlx::{
    Executor as _,
    postgres::{PgListener, PgNotification, PgPoolOptions},
};
use tokio::time::{Instant, timeout};

use super::hub::Hub;
use crate::{database::within, user::UserId};

/// The channel that `migrations/0004_session_notifications.sql` also names. The payload is the user's id.
const CHANNEL: &str = "latchkey_sessions";

/// A notification without a payload. The notification is about no user and only proves that the connection works.
const PROVE: &str = "notify latchkey_sessions";

/// The time without a notification after which the connection must prove that it still works. A dead
/// connection looks just like a quiet one.
const QUIET: Duration = Duration::from_secs(3);

/// Time limit for the proof.
const PROOF_LIMIT: Duration = Duration::from_secs(2);

/// The interval of checks whether a watcher is left. The connection stays open without a watcher for up to this time,
/// in case another page is opened.
const LINGER: Duration = Duration::from_secs(20);

/// The first and the longest pause between attempts to connect; each pause is twice the previous pause.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LAST_PAUSE: Duration = Duration::from_secs(10);

/// Time limit for an attempt to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The reason why listening ended.
enum End {
    /// There is no watcher left.
    Done,
    /// The connection was lost.
    Lost,
}

/// Starts the task that listens for a hub.
pub(super) fn start(hub: Arc<Hub>) {
    tokio::spawn(listen(hub));
}

/// Listens as long as there are watchers, and reconnects whenever the connection is lost.
async fn listen(hub: Arc<Hub>) {
    let stop = hub.stop.clone();
    tokio::select! {
        () = keep_listening(&hub) => {}
        () = stop.cancelled() => {}
    }
    hub.set_listening(false);
}

async fn keep_listening(hub: &Hub) {
    let mut pause = FIRST_PAUSE;
    loop {
        match within(CONNECT_TIMEOUT, connect(hub)).await {
            Ok(listener) => {
                pause = FIRST_PAUSE;
                hub.set_listening(true);
                tracing::debug!(database = %hub.database, "listening for changes of sessions");
                if let End::Done = pass_on(hub, listener).await {
                    return;
                }
                hub.set_listening(false);
                tracing::warn!(database = %hub.database, "the connection that listens was lost");
            }
            Err(error) => {
                tracing::warn!(
                    database = %hub.database,
                    error = &error as &dyn std::error::Error,
                    again_in = ?pause,
                    "cannot listen for changes of sessions"
                );
            }
        }
        tokio::time::sleep(pause).await;
        if hub.stop_without_watchers() {
            return;
        }
        pause = LAST_PAUSE.min(pause * 2);
    }
}

/// Connects over a separate pool, because requests have no connection to spare for a task that keeps it. Each
/// attempt uses a new pool: a connection that died silently keeps its place in a pool until the operating
/// system gives the connection up.
async fn connect(hub: &Hub) -> Result<PgListener, sqlx::Error> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(CONNECT_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(hub.options.clone());
    let mut listener = PgListener::connect_with(&pool).await?;
    // The listener must not reconnect by itself: notifications are lost between two connections, and the hub
    // has to know.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Passes notifications on to the hub, until the connection is lost or no watcher is left.
async fn pass_on(hub: &Hub, mut listener: PgListener) -> End {
    let mut next_rest = Instant::now() + LINGER;
    loop {
        let heard = match timeout(QUIET, listener.try_recv()).await {
            Ok(heard) => heard,
            Err(_quiet) => within(PROOF_LIMIT, prove(&mut listener)).await,
        };
        match heard {
            Ok(Some(notification)) => {
                if let Ok(user) = notification.payload().parse() {
                    hub.tell(UserId::new(user));
                }
            }
            Ok(None) => return End::Lost,
            Err(error) => {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "not a notification"
                );
                return End::Lost;
            }
        }
        if Instant::now() >= next_rest {
            if hub.stop_without_watchers() {
                return End::Done;
            }
            next_rest = Instant::now() + LINGER;
        }
    }
}

/// Sends a notification to this connection, and waits for it.
async fn prove(listener: &mut PgListener) -> Result<Option<PgNotification>, sqlx::Error> {
    listener.execute(PROVE).await?;
    listener.try_recv().await
}
