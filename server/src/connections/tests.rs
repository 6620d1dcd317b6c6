//! Peers that keep the server waiting, over real sockets.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    routing::{MethodRouter, get},
};
use futures::{Stream, StreamExt as _, stream};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use super::{Bounds, Limits, answer};
use crate::config::TrustedProxies;

/// Only a failing test waits this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A limit that a test waits for.
const SHORT: Duration = Duration::from_millis(50);

/// A limit that no test reaches.
const LONG: Duration = Duration::from_hours(1);

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// A request over HTTP/2. HEADERS with `END_STREAM` and `END_HEADERS`: GET, http, /, and an authority of "x".
const HEADERS: [u8; 15] = [0, 0, 6, 1, 5, 0, 0, 0, 1, 0x82, 0x86, 0x84, 0x41, 1, b'x'];

/// Limits that no test reaches, to be shortened one at a time.
const PATIENT: Limits = Limits {
    head: LONG,
    next_request: LONG,
    write: LONG,
};

struct Server {
    address: std::net::SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Server {
    async fn start(router: Router, limits: Limits, most: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let bounds = Bounds {
            connections: most,
            per_network: most,
            trusted: TrustedProxies::default(),
        };
        let (stop, stopped) = oneshot::channel();
        let stopped = async move { drop(stopped.await) };
        let task = tokio::spawn(answer(vec![listener], router, bounds, limits, stopped));
        let stop = Some(stop);
        Self {
            address,
            stop,
            task,
        }
    }

    async fn hello(limits: Limits) -> Self {
        Self::start(hello(), limits, 100).await
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn hello() -> Router {
    Router::new().route("/", get(async || "hello"))
}

/// The bytes that the server sends until it closes the connection.
async fn until_cut(stream: &mut TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    // A reset also ends the connection.
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut read))
        .await
        .expect("the server cuts the connection");
    read
}

/// Reads until `text` has arrived.
async fn read_until(stream: &mut TcpStream, text: &str) {
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains(text) {
        let more = tokio::time::timeout(PATIENCE, stream.read_buf(&mut read)).await;
        assert_ne!(more.unwrap().unwrap(), 0, "closed before {text:?}");
    }
}

/// A page that is requested once.
fn once<F>(page: impl FnOnce() -> F + Send + 'static) -> MethodRouter
where
    F: Future<Output = Body> + Send + 'static,
{
    let page = Arc::new(Mutex::new(Some(page)));
    get(move || {
        let page = page.lock().unwrap().take().unwrap();
        page()
    })
}

fn streamed(pieces: impl Stream<Item = &'static [u8]> + Send + 'static) -> Body {
    Body::from_stream(pieces.map(|piece| Ok::<_, Infallible>(Bytes::from_static(piece))))
}

/// An endless body, and a receiver that ends when the body is dropped.
fn endless(piece: &'static [u8]) -> (Router, mpsc::Receiver<()>) {
    let (held, dropped) = mpsc::channel(1);
    let page = async move || {
        streamed(stream::repeat(piece).inspect(move |_| {
            let _ = &held;
        }))
    };
    (Router::new().route("/", once(page)), dropped)
}

async fn ends(mut dropped: mpsc::Receiver<()>) {
    let end = tokio::time::timeout(PATIENCE, dropped.recv()).await;
    assert_eq!(end.expect("the answer is given up"), None);
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_cut() {
    let server = Server::hello(Limits {
        head: SHORT,
        ..PATIENT
    })
    .await;
    assert_eq!(until_cut(&mut server.connect().await).await, b"");
}

#[tokio::test]
async fn half_a_head_is_cut_however_it_trickles() {
    let server = Server::hello(Limits {
        head: SHORT,
        ..PATIENT
    })
    .await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let trickle = async {
        let mut pace = tokio::time::interval(SHORT / 5);
        while writing.write_all(b"x").await.is_ok() {
            pace.tick().await;
        }
        std::future::pending::<()>().await;
    };
    let mut read = Vec::new();
    let cut = async {
        tokio::select! {
            read = reading.read_to_end(&mut read) => drop(read),
            () = trickle => {}
        }
    };
    tokio::time::timeout(PATIENCE, cut).await.unwrap();
    assert_eq!(read, b"");
}

#[tokio::test]
async fn half_a_head_is_cut_on_a_reused_connection_too() {
    let server = Server::hello(Limits {
        head: SHORT,
        ..PATIENT
    })
    .await;
    let mut stream = server.connect().await;
    stream.write_all(REQUEST).await.unwrap();
    read_until(&mut stream, "hello").await;
    let (mut reading, mut writing) = stream.split();
    let trickle = async {
        let mut pace = tokio::time::interval(SHORT / 5);
        while writing.write_all(b"x").await.is_ok() {
            pace.tick().await;
        }
        std::future::pending::<()>().await;
    };
    let mut read = Vec::new();
    let cut = async {
        tokio::select! {
            read = reading.read_to_end(&mut read) => drop(read),
            () = trickle => {}
        }
    };
    tokio::time::timeout(PATIENCE, cut).await.unwrap();
    assert_eq!(read, b"");
}

/// A ping of HTTP/2, like other frames without a request, is no head of a request.
#[tokio::test]
async fn a_connection_of_http_2_may_rest_whatever_it_says() {
    let limits = Limits {
        head: SHORT,
        ..PATIENT
    };
    let server = Server::hello(limits).await;
    let mut stream = server.connect().await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    stream
        .write_all(&[&preface[..], &settings, &HEADERS].concat())
        .await
        .unwrap();
    read_until(&mut stream, "hello").await;
    let ping = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
    stream.write_all(&ping).await.unwrap();
    read_until(&mut stream, "\u{1}\u{2}\u{3}\u{4}").await;
    // Meanwhile the limit passes for another connection.
    until_cut(&mut server.connect().await).await;
    until_cut(&mut server.connect().await).await;
    stream.write_all(&ping).await.unwrap();
    read_until(&mut stream, "\u{1}\u{2}\u{3}\u{4}").await;
}

#[tokio::test]
async fn a_body_that_no_page_asks_for_is_not_waited_for() {
    let server = Server::hello(Limits {
        next_request: SHORT,
        ..PATIENT
    })
    .await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
        .await
        .unwrap();
    let answer = until_cut(&mut stream).await;
    assert!(answer.ends_with(b"hello"));
}

#[tokio::test]
async fn a_connection_without_a_further_request_is_cut() {
    let server = Server::hello(Limits {
        next_request: SHORT,
        ..PATIENT
    })
    .await;
    let mut stream = server.connect().await;
    stream.write_all(REQUEST).await.unwrap();
    let answer = until_cut(&mut stream).await;
    assert!(answer.ends_with(b"hello"));
}

#[tokio::test]
async fn a_peer_that_reads_nothing_is_cut() {
    let (router, dropped) = endless(&[b'x'; 16_384]);
    let limits = Limits {
        write: SHORT,
        ..PATIENT
    };
    let server = Server::start(router, limits, 100).await;
    let mut stream = server.connect().await;
    stream.write_all(REQUEST).await.unwrap();
    ends(dropped).await;
}

/// With an initial window of 0 the answer stops, but the connection does not:
/// <https://www.rfc-editor.org/rfc/rfc9113#section-6.9.2>.
#[tokio::test]
async fn a_peer_that_stops_one_answer_of_http_2_is_cut() {
    let (router, dropped) = endless(b"x");
    let limits = Limits {
        write: SHORT,
        ..PATIENT
    };
    let server = Server::start(router, limits, 100).await;
    let mut stream = server.connect().await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let no_window = [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0];
    for bytes in [&preface[..], &no_window, &HEADERS] {
        stream.write_all(bytes).await.unwrap();
    }
    ends(dropped).await;
    until_cut(&mut stream).await;
}

#[tokio::test]
async fn an_answer_may_take_its_time_and_a_stream_may_last() {
    let (say, said) = oneshot::channel();
    let (told, asked) = oneshot::channel();
    let page = async move || {
        told.send(()).unwrap();
        let first: &[u8] = said.await.unwrap();
        streamed(stream::iter([first]).chain(stream::pending()))
    };
    let limits = Limits {
        head: SHORT,
        next_request: SHORT,
        write: SHORT,
    };
    let router = hello().route("/stream", once(page));
    let server = Server::start(router, limits, 100).await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    asked.await.unwrap();
    // Meanwhile the limits pass for other connections: before the answer begins, and while it lasts.
    until_cut(&mut server.connect().await).await;
    say.send(b"news").unwrap();
    read_until(&mut stream, "news").await;
    until_cut(&mut server.connect().await).await;
    until_cut(&mut server.connect().await).await;
    let mut byte = [0];
    let still_open = stream.try_read(&mut byte).unwrap_err();
    assert_eq!(still_open.kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn connections_that_say_nothing_make_room_for_one_that_does() {
    let server = Server::start(hello(), PATIENT, 20).await;
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(server.connect().await);
    }
    let mut stream = server.connect().await;
    stream.write_all(REQUEST).await.unwrap();
    read_until(&mut stream, "hello").await;
    for stream in silent.iter_mut().take(181) {
        assert_eq!(until_cut(stream).await, b"");
    }
}

#[tokio::test]
async fn at_a_stop_what_is_under_way_is_answered_and_the_rest_is_closed() {
    let (go, gone) = oneshot::channel();
    let (told, asked) = oneshot::channel();
    let slow = async move || {
        told.send(()).unwrap();
        Body::from(gone.await.unwrap_or("never"))
    };
    let router = hello().route("/slow", once(slow));
    let mut server = Server::start(router, PATIENT, 100).await;
    let mut silent = server.connect().await;
    let mut used = server.connect().await;
    used.write_all(REQUEST).await.unwrap();
    read_until(&mut used, "hello").await;
    let mut busy = server.connect().await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    asked.await.unwrap();
    server.stop.take();
    assert_eq!(until_cut(&mut silent).await, b"");
    assert_eq!(until_cut(&mut used).await, b"");
    go.send("done").unwrap();
    assert!(until_cut(&mut busy).await.ends_with(b"done"));
    (&mut server.task).await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}
