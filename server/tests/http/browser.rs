//! A test browser, which keeps cookies, sends the headers of browsers, and reads answers whole.

use std::{collections::BTreeMap, net::SocketAddr, path::Path};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use latchkey_core::{
    Core,
    module::HostedModule,
    settings::Settings,
    testing::{FIREFOX, PASSWORD, TestBed},
};
use latchkey_server::{
    config::Config,
    web::{self, Site},
};
use sqlx::postgres::PgConnectOptions;
use tower::ServiceExt as _;

/// A server on its own database, with a core whose clock stands still.
pub struct TestServer {
    pub bed: TestBed,
    pub router: Router,
}

impl TestServer {
    pub async fn new(options: PgConnectOptions) -> Self {
        Self::with(options, Settings::default(), Vec::new()).await
    }

    pub async fn with(
        options: PgConnectOptions,
        settings: Settings,
        modules: Vec<HostedModule>,
    ) -> Self {
        let settings = only(settings, options.get_database().unwrap());
        let bed = TestBed::with(options, settings, modules).await;
        let router = router(&bed.core, &Config::default());
        Self { bed, router }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// A browser in which Ada is logged in.
    pub async fn ada(&self) -> Browser {
        let mut browser = self.browser();
        let answer = browser.log_in("ada@example.com", PASSWORD).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        browser
    }
}

/// Settings under which a test sees only its own database, although those of other tests are on the same server.
pub fn only(mut settings: Settings, database: &str) -> Settings {
    if settings.databases.filter.is_none() {
        settings.databases.filter = Some(regex_escape(database).parse().unwrap());
    }
    settings
}

fn regex_escape(name: &str) -> String {
    name.replace('.', "\\.")
}

pub fn router(core: &Core, config: &Config) -> Router {
    web::router(core.clone(), config, &site(), &web::registry().unwrap()).unwrap()
}

/// A stand-in for the front end's files.
fn site() -> Site {
    let package = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    Site::at(&Path::new(&package).join("tests/http/site")).unwrap()
}

/// An answer, read whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// The body, of a page without `texts`.
    pub body: String,
    /// The texts that a page brings to the browser, as JSON, also those that it does not show.
    pub texts: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers
            .get_all(header::SET_COOKIE)
            .iter()
            .map(|line| line.to_str().unwrap())
            .collect()
    }
}

#[derive(Clone)]
pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
    /// The headers that every request sends besides the defaults, or instead of them.
    pub headers: Vec<(String, String)>,
    pub peer: SocketAddr,
}

impl Browser {
    pub fn new(router: Router) -> Self {
        Self {
            router,
            cookies: BTreeMap::new(),
            headers: Vec::new(),
            peer: "203.0.113.7:50000".parse().unwrap(),
        }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Follows a link.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(
            Self::request(Method::GET, path).header(header::ACCEPT, "text/html"),
            Body::empty(),
        )
        .await
    }

    /// Sends a `GET` request as a hydrated page does.
    pub async fn read(&mut self, path: &str) -> Answer {
        self.send(
            Self::request(Method::GET, path).header(header::ACCEPT, "application/json"),
            Body::empty(),
        )
        .await
    }

    /// Posts as a hydrated page does.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send_form(path, fields, "application/json").await
    }

    /// Posts a form as a browser without JavaScript does, from `page`.
    pub async fn submit(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let from = format!("http://localhost{page}");
        let mut other = self.clone().with("referer", &from);
        let answer = other
            .send_form(path, fields, "text/html,application/xhtml+xml")
            .await;
        self.cookies = other.cookies;
        answer
    }

    /// Follows redirects to the final page.
    pub async fn follow(&mut self, answer: &Answer) -> Answer {
        assert!(answer.status.is_redirection(), "{}", answer.body);
        let mut page = self.get(answer.location()).await;
        while page.status.is_redirection() {
            page = self.get(page.location()).await;
        }
        page
    }

    /// Logs in. Before that, script has set the time zone cookie.
    pub async fn log_in(&mut self, login: &str, password: &str) -> Answer {
        self.travel_to("Europe/Berlin");
        let fields = [("login", login), ("password", password)];
        self.post("/api/log_in", &fields).await
    }

    /// Sets the time zone cookie to `zone`, as script does over plain http.
    pub fn travel_to(&mut self, zone: &str) {
        let name = "latchkey-time-zone".to_owned();
        self.cookies.insert(name, zone.to_owned());
    }

    async fn send_form(&mut self, path: &str, fields: &[(&str, &str)], accept: &str) -> Answer {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        let request = Self::request(Method::POST, path)
            .header(header::ACCEPT, accept)
            .header(header::ORIGIN, "http://localhost")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = body.join("&");
        self.send(
            request.header(header::CONTENT_LENGTH, body.len()),
            Body::from(body),
        )
        .await
    }

    pub fn request(method: Method, path: &str) -> http::request::Builder {
        Request::builder().method(method).uri(path)
    }

    /// Sends a request with cookies and headers, and keeps the cookies of the answer.
    pub async fn send(&mut self, builder: http::request::Builder, body: Body) -> Answer {
        let (parts, body) = self.start(builder, body).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let (body, texts) = without_texts(&String::from_utf8_lossy(&body));
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body,
            texts,
        };
        self.keep_cookies(&answer);
        answer
    }

    /// Sends a request with cookies and headers, and does not read the answer's body.
    pub async fn start(&self, builder: http::request::Builder, body: Body) -> Response<Body> {
        let mut request = builder.body(body).unwrap();
        let headers = request.headers_mut();
        headers
            .entry(header::HOST)
            .or_insert("localhost".parse().unwrap());
        headers
            .entry(header::USER_AGENT)
            .or_insert(FIREFOX.parse().unwrap());
        if !self.cookies.is_empty() {
            let line: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            headers.insert(header::COOKIE, line.join("; ").parse().unwrap());
        }
        for (name, value) in &self.headers {
            headers.insert(
                http::HeaderName::try_from(name).unwrap(),
                value.parse().unwrap(),
            );
        }
        request.extensions_mut().insert(ConnectInfo(self.peer));
        self.router.clone().oneshot(request).await.unwrap()
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for line in answer.set_cookies() {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// The session cookie's name and value.
    pub fn session(&self) -> Option<(&str, &str)> {
        let cookie = self
            .cookies
            .iter()
            .find(|(name, _)| name.contains("latchkey-session-"));
        cookie.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn encode(value: &str) -> String {
    value
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// A body without the texts for the browser, and the texts.
fn without_texts(body: &str) -> (String, String) {
    let texts = body
        .split_once("<script type=\"application/json\" id=\"texts\">")
        .and_then(|(before, rest)| Some((before, rest.split_once("</script>")?)));
    match texts {
        Some((before, (texts, after))) => ([before, after].concat(), texts.to_owned()),
        None => (body.to_owned(), String::new()),
    }
}
