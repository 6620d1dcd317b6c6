//! The client of all measurements: one request at a time on a connection that stays open.

use anyhow::{Context as _, Result, ensure};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    body::{Bytes, Incoming},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A request that can be sent any number of times.
#[derive(Clone, Debug)]
pub struct Ask(Request<Full<Bytes>>);

impl Ask {
    /// A request for a page, as a browser sends it.
    pub fn page(path: &str) -> Result<Self> {
        let ask = Self::new(Method::GET, path, String::new())?;
        Ok(ask
            .with(header::ACCEPT, "text/html,application/xhtml+xml")
            .with(header::ACCEPT_ENCODING, "gzip, deflate, br"))
    }

    /// A request for data, as a script sends it.
    pub fn data(path: &str) -> Result<Self> {
        Self::new(Method::GET, path, String::new())
    }

    /// A log-in, as a script sends it.
    pub fn log_in(login: &str, password: &str) -> Result<Self> {
        Self::log_in_by(&format!("login={login}&password={password}"))
    }

    /// A log-in to one of several databases.
    pub fn log_in_to(database: &str, login: &str, password: &str) -> Result<Self> {
        let body = format!("database={database}&login={login}&password={password}");
        Self::log_in_by(&body)
    }

    fn log_in_by(body: &str) -> Result<Self> {
        let body = body.replace(' ', "+").replace('@', "%40");
        Ok(Self::new(Method::POST, "/api/log_in", body)?
            .with(HeaderName::from_static("sec-fetch-site"), "same-origin")
            .with(header::CONTENT_TYPE, "application/x-www-form-urlencoded"))
    }

    /// A request for a stream of events, as a page sends it.
    pub fn events() -> Result<Self> {
        let ask = Self::new(Method::GET, "/api/session_events", String::new())?;
        Ok(ask.with(header::ACCEPT, "text/event-stream"))
    }

    /// A revoke of a device, as a script sends it.
    pub fn revoke(device: &str) -> Result<Self> {
        let ask = Self::new(Method::POST, "/api/revoke_device", format!("id={device}"))?;
        Ok(ask
            .with(HeaderName::from_static("sec-fetch-site"), "same-origin")
            .with(header::CONTENT_TYPE, "application/x-www-form-urlencoded"))
    }

    fn new(method: Method, path: &str, body: String) -> Result<Self> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(body.into())?;
        Ok(Self(request)
            .with(header::HOST, "localhost")
            .with(header::ACCEPT, "application/json"))
    }

    pub fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.0
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
        self
    }

    /// The same request from a logged-in browser.
    pub fn with_cookie(mut self, cookie: &HeaderValue) -> Self {
        self.0.headers_mut().insert(header::COOKIE, cookie.clone());
        self
    }
}

/// A complete answer.
#[derive(Debug)]
pub struct Answer {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// The session cookie that the answer sets, as a browser sends it back.
    pub fn session_cookie(&self) -> Result<HeaderValue> {
        let line = self.headers.get(header::SET_COOKIE).context("no cookie")?;
        let pair = line.to_str()?.split(';').next().unwrap_or_default();
        Ok(pair.parse()?)
    }
}

/// An open connection.
pub struct Connection(http1::SendRequest<Full<Bytes>>);

impl Connection {
    /// Connects to `address`, as in `127.0.0.1:80`.
    pub async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // The task ends when the sender is dropped.
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Sends a request. The answer's body must be read before the next request.
    pub async fn start(&mut self, ask: &Ask) -> Result<Response<Incoming>> {
        self.0.ready().await?;
        let response = self.0.send_request(ask.0.clone()).await;
        response.with_context(|| format!("no answer to {}", ask.0.uri()))
    }

    /// Sends a request and reads the whole answer. A status other than 200 is an error.
    pub async fn send(&mut self, ask: &Ask) -> Result<Answer> {
        let (parts, body) = self.start(ask).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        let is_ok = parts.status == StatusCode::OK;
        ensure!(
            is_ok,
            "{} was answered {}: {body:?}",
            ask.0.uri(),
            parts.status
        );
        Ok(Answer {
            headers: parts.headers,
            body,
        })
    }
}
