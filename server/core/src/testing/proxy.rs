//! A proxy in front of PostgreSQL that breaks connections in the ways of a network.

use std::{path::PathBuf, sync::Arc, time::Duration};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixStream},
    runtime::Runtime,
    sync::watch,
};

/// A proxy that accepts connections on its own port and passes their data on. All connections end when the proxy is
/// dropped.
pub struct Proxy {
    port: u16,
    faults: Arc<watch::Sender<Faults>>,
    runtime: Option<Runtime>,
}

/// The faults of the proxy. Connections are numbered in the order in which they arrive.
#[derive(Clone, Copy, Default)]
struct Faults {
    /// The number of the next connection.
    next: u64,
    /// Connections with a lower number are frozen.
    frozen_before: u64,
    /// Connections with a lower number are cut.
    cut_before: u64,
    delay: Duration,
}

/// The address of PostgreSQL: a Unix socket, or a host and a port.
#[derive(Clone)]
enum Target {
    Socket(PathBuf),
    Port(String, u16),
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Proxy {
    /// Starts a proxy in front of the PostgreSQL server that `options` name.
    pub fn start(options: &PgConnectOptions) -> Self {
        let target = match options.get_socket() {
            Some(folder) => {
                let name = format!(".s.PGSQL.{}", options.get_port());
                Target::Socket(folder.join(name))
            }
            None => Target::Port(options.get_host().to_owned(), options.get_port()),
        };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        listener
            .set_nonblocking(true)
            .expect("sockets can be told so");
        let port = listener.local_addr().expect("it is bound").port();
        let faults = Arc::new(watch::Sender::default());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("there are threads");
        runtime.spawn(accept(listener, target, Arc::clone(&faults)));
        Self {
            port,
            faults,
            runtime: Some(runtime),
        }
    }

    /// The same user and database, by way of the proxy.
    pub fn options(&self, options: &PgConnectOptions) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.port)
            .username(options.get_username())
            .database(options.get_database().unwrap_or("postgres"))
            .ssl_mode(PgSslMode::Disable)
    }

    /// The port of the proxy on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Freezes the connections that are open now. All data that either side sends is lost silently, and so is the end
    /// of a connection. New connections work.
    pub fn freeze(&self) {
        self.faults
            .send_modify(|faults| faults.frozen_before = faults.next);
    }

    /// Ends the frozen connections. TCP also ends such connections on both sides after some time.
    pub fn bury(&self) {
        self.faults
            .send_modify(|faults| faults.cut_before = faults.cut_before.max(faults.frozen_before));
    }

    /// Ends the connections that are open now.
    pub fn cut(&self) {
        self.faults
            .send_modify(|faults| faults.cut_before = faults.next);
    }

    /// Delays each packet by `delay` from now on.
    pub fn delay(&self, delay: Duration) {
        self.faults.send_modify(|faults| faults.delay = delay);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Tokio does not permit waiting for a runtime inside of another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn accept(
    listener: std::net::TcpListener,
    target: Target,
    faults: Arc<watch::Sender<Faults>>,
) {
    let listener = TcpListener::from_std(listener).expect("a runtime is there");
    while let Ok((client, _)) = listener.accept().await {
        let mut number = 0;
        faults.send_modify(|faults| {
            number = faults.next;
            faults.next += 1;
        });
        tokio::spawn(pass_on(client, target.clone(), number, faults.subscribe()));
    }
}

async fn pass_on(
    client: TcpStream,
    target: Target,
    number: u64,
    mut faults: watch::Receiver<Faults>,
) {
    let server: Box<dyn Stream> = match target {
        Target::Socket(path) => match UnixStream::connect(path).await {
            Ok(stream) => Box::new(stream),
            Err(_) => return,
        },
        Target::Port(host, port) => match TcpStream::connect((host, port)).await {
            Ok(stream) => Box::new(stream),
            Err(_) => return,
        },
    };
    let (from_server, to_server) = tokio::io::split(server);
    let (from_client, to_client) = client.into_split();
    let is_cut = faults.clone();
    tokio::select! {
        () = pump(from_client, to_server, number, is_cut.clone()) => {}
        () = pump(from_server, to_client, number, is_cut) => {}
        _ = faults.wait_for(|faults| number < faults.cut_before) => {}
    }
}

/// Passes data from `from` on to `to` until the connection ends.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    number: u64,
    faults: watch::Receiver<Faults>,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = from.read(&mut buffer).await.unwrap_or(0);
        let delay = faults.borrow().delay;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let is_frozen = number < faults.borrow().frozen_before;
        if is_frozen && count == 0 {
            return std::future::pending().await;
        }
        let Some(data) = buffer.get(..count).filter(|data| !data.is_empty()) else {
            return;
        };
        if !is_frozen && to.write_all(data).await.is_err() {
            return;
        }
    }
}
