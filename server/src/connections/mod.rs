//! Accepts connections within bounds, and cuts a connection whose peer keeps the server waiting.
//!
//! A connection costs an open file, so silent connections could stop the server for all other peers. Three
//! rules prevent that: a bound on connections in all and from one network; a new connection replaces the
//! connection that has waited the longest without a request; and each wait for a peer has a limit.

mod admission;
mod exchange;
mod stream;
#[cfg(test)]
mod tests;
mod waiting;

use std::{convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use futures::future::select_all;
use http::{Request, Response};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use rustix::net::sockopt;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tower::ServiceExt as _;

use self::{
    admission::{Admission, Place},
    exchange::Exchange,
    stream::Watched,
    waiting::Conversation,
};
use crate::config::TrustedProxies;

/// The pause after the system refused a further connection, for example because all files are open.
const PAUSE: Duration = Duration::from_secs(1);

/// Largest number of requests under way on one HTTP/2 connection.
const MAX_STREAMS: u32 = 100;

/// Largest head of a request over HTTP/1, in bytes. hyper's default is 400 KiB for each connection.
const LARGEST_HEAD: usize = 64 * 1024;

/// The bounds on the number of connections.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    /// Largest number of connections in all.
    pub(crate) connections: usize,
    /// Largest number of connections from one network: an IPv4 address, or an IPv6 /64.
    pub(crate) per_network: usize,
    /// Proxies without a bound of their own, because many people share each of them.
    pub(crate) trusted: TrustedProxies,
}

/// The limits on the server's waiting for a peer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The time from the start of a connection to the end of the first request's head, and over HTTP/1 from
    /// the first byte of a further head to its end.
    pub(crate) head: Duration,
    /// The time from an answer to the next request. It is longer than proxies keep an idle connection (nginx
    /// 1 min, Caddy 2 min). Otherwise a proxy could send a request on a connection that the server is
    /// closing.
    pub(crate) next_request: Duration,
    /// The time until a peer reads more of an answer.
    pub(crate) write: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            next_request: Duration::from_mins(3),
            write: Duration::from_secs(30),
        }
    }
}

/// Answers requests until `stop` is ready, and then finishes the requests under way. Dropping the future cuts all
/// connections.
pub(crate) async fn answer(
    listeners: Vec<TcpListener>,
    router: Router,
    bounds: Bounds,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let admission = Arc::new(Admission::new(bounds));
    let (stopping, stopped) = watch::channel(());
    let mut tasks = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept_any(&listeners) => accepted,
            Some(_) = tasks.join_next() => continue,
            () = &mut stop => break,
        };
        let Some(place) = admission.admit(peer.ip()) else {
            continue;
        };
        if let Err(error) = prepare(&stream, limits) {
            tracing::debug!(%error, "a new connection has already closed");
            continue;
        }
        let router = router.clone();
        tasks.spawn(converse(
            stream,
            peer,
            router,
            place,
            limits,
            stopped.clone(),
        ));
    }
    drop(listeners);
    drop(stopping);
    while tasks.join_next().await.is_some() {}
}

async fn accept_any(listeners: &[TcpListener]) -> (TcpStream, SocketAddr) {
    let all = listeners.iter().map(|listener| Box::pin(accept(listener)));
    select_all(all).await.0
}

/// The next connection. After an error of the system, such as too many open files, the server pauses, because
/// the same error would come back at once.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_about_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, again_in = ?PAUSE, "cannot accept connections");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// Makes the system detect a peer that has disappeared: a peer that acknowledges no data, and, by probes, an
/// idle peer.
fn prepare(stream: &TcpStream, limits: Limits) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let write = u32::try_from(limits.write.as_millis()).unwrap_or(u32::MAX);
    sockopt::set_tcp_user_timeout(stream, write)?;
    sockopt::set_socket_keepalive(stream, true)?;
    // The option takes whole seconds, and 0 is not permitted.
    let idle = limits.write.max(Duration::from_secs(1));
    sockopt::set_tcp_keepidle(stream, idle)?;
    sockopt::set_tcp_keepintvl(stream, idle)?;
    Ok(())
}

/// Serves one connection until its end.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    place: Place,
    limits: Limits,
    mut stopped: watch::Receiver<()>,
) {
    let conversation = Arc::new(Conversation::new(place));
    let answering = conversation.clone();
    let service =
        service_fn(move |request| exchange(router.clone(), peer, answering.clone(), request));
    let builder = builder(limits);
    let io = TokioIo::new(Watched::new(stream, conversation.clone()));
    let mut connection = pin!(builder.serve_connection(io, service));
    let mut outstayed = pin!(conversation.outstayed(limits));
    let mut is_stopping = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::trace!(%peer, error, "a connection ended early");
                }
                return;
            }
            () = outstayed.as_mut() => return tracing::debug!(%peer, "a connection was cut: its peer kept the server waiting"),
            () = conversation.cut() => return tracing::debug!(%peer, "a connection without a request was cut for a new one"),
            _ = stopped.changed(), if !is_stopping => {
                is_stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

fn builder(limits: Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().max_buf_size(LARGEST_HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.write)
        .keep_alive_timeout(limits.write)
        .max_concurrent_streams(MAX_STREAMS);
    builder
}

/// Answers one request.
async fn exchange(
    router: Router,
    peer: SocketAddr,
    conversation: Arc<Conversation>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let exchange = Exchange::begin(conversation, request.version());
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = router.oneshot(request).await?;
    Ok(response.map(|body| Body::new(exchange.answer(body))))
}
