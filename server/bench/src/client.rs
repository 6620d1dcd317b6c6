//! The client that everything is asked by: one request at a time on a connection that stays open.

use anyhow::{Context as _, Result, ensure};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinHandle};

pub const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0";

/// A request that can be sent any number of times.
#[derive(Clone, Debug)]
pub struct Ask {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Ask {
    /// A page, as a browser asks for it.
    pub fn page(path: &str) -> Self {
        Self::new(Method::GET, path)
            .with(header::ACCEPT, "text/html,application/xhtml+xml")
            .with(header::ACCEPT_ENCODING, "gzip, deflate, br")
    }

    /// Data, as a script asks for it.
    pub fn data(path: &str) -> Self {
        Self::new(Method::GET, path).with(header::ACCEPT, "application/json")
    }

    /// A log-in, as a script sends it.
    pub fn log_in(login: &str, password: &str, agent: &'static str) -> Self {
        let encode = |text: &str| text.replace(' ', "+").replace('@', "%40");
        let body = format!(
            "login={}&password={}&time_zone=Europe%2FBerlin",
            encode(login),
            encode(password)
        );
        let mut ask = Self::new(Method::POST, "/api/log_in")
            .with(header::ACCEPT, "application/json")
            .with(header::USER_AGENT, agent)
            .with(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .with(
                header::HeaderName::from_static("sec-fetch-site"),
                "same-origin",
            );
        ask.body = body.into();
        ask
    }

    fn new(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
        .with(header::HOST, "localhost")
        .with(header::USER_AGENT, FIREFOX)
    }

    pub fn with(mut self, name: header::HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// From a browser that is logged in.
    pub fn with_cookie(mut self, cookie: &HeaderValue) -> Self {
        self.headers.insert(header::COOKIE, cookie.clone());
        self
    }

    fn request(&self) -> Result<Request<Full<Bytes>>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.path.parse()?;
        *request.headers_mut() = self.headers.clone();
        Ok(request)
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// What a browser sends back from now on.
    pub fn cookie(&self) -> Result<HeaderValue> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter();
        let pairs: Vec<&str> = lines
            .filter_map(|line| line.to_str().ok()?.split(';').next())
            .collect();
        ensure!(!pairs.is_empty(), "no cookie was set");
        Ok(HeaderValue::try_from(pairs.join("; "))?)
    }
}

/// An open connection.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: JoinHandle<hyper::Result<()>>,
}

impl Connection {
    /// To `address`, as in `127.0.0.1:80`.
    pub async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)
            .await
            .with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        let (sender, driver) = http1::handshake(TokioIo::new(stream)).await?;
        Ok(Self {
            sender,
            driver: tokio::spawn(driver),
        })
    }

    /// Asks and reads the whole answer; anything but 200 is an error.
    pub async fn send(&mut self, ask: &Ask) -> Result<Answer> {
        self.sender.ready().await?;
        let response: http::Response<Incoming> = self.sender.send_request(ask.request()?).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        ensure!(
            parts.status == StatusCode::OK,
            "{} {} was answered {}: {}",
            ask.method,
            ask.path,
            parts.status,
            String::from_utf8_lossy(&body),
        );
        Ok(Answer {
            headers: parts.headers,
            body,
        })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}
