//! From a request to its visitor: which database it speaks of, and who is logged in there.

use std::{collections::HashMap, convert::Infallible, sync::Arc};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, StatusCode, header};
use latchkey_app::{
    api::ApiError,
    posted::Posted,
    request::{CookieChanges, Visitor},
};
use latchkey_core::{
    Core, StoreError,
    attempt::DeviceTokens,
    client::{Agent, Client},
    database::{Database, DatabaseName, OpenDatabaseError},
    session::{Activity, Resumed},
    settings::Listed,
};
use tokio::sync::OnceCell;
use tower::{Layer as _, ServiceExt as _};
use tower_sessions::{Session, SessionManagerLayer, cookie::SameSite};

use super::{
    client_address::{ClientAddress, Scheme},
    cookies::{self, RequestCookies, Transport},
    host::host,
    router::WebState,
    session_events,
    session_store::RequestStore,
};
use crate::config;

/// What it takes to receive visitors.
#[derive(Clone)]
pub(super) struct Visits {
    core: Core,
    insecure_http: bool,
}

/// What a request is about, and the names that were looked up to find it.
struct Resolved {
    /// The database by name: the one whose session cookie the request's layers see.
    name: Option<DatabaseName>,
    /// None where there is no database of that name.
    database: Option<Database>,
    visible: OnceCell<Vec<DatabaseName>>,
}

impl Resolved {
    fn nothing() -> Self {
        Self {
            name: None,
            database: None,
            visible: OnceCell::new(),
        }
    }

    fn found(database: Option<Database>, visible: OnceCell<Vec<DatabaseName>>) -> Self {
        Self {
            name: database.as_ref().map(|database| database.name().clone()),
            database,
            visible,
        }
    }
}

impl Visits {
    pub fn new(core: Core, config: &config::Server) -> Self {
        Self {
            core,
            insecure_http: config.insecure_http,
        }
    }

    /// Cookies go without `Secure` over plain http on this very machine, or where the administrator
    /// insists, and nowhere else.
    ///
    /// A proxy that says neither the host nor the scheme looks like this machine; the browser behind
    /// it does not: its `Origin` is https, and so is the cookie.
    fn transport(&self, scheme: Option<Scheme>, host: &str, headers: &HeaderMap) -> Transport {
        let origin = headers.get(header::ORIGIN).map(http::HeaderValue::as_bytes);
        if scheme != Some(Scheme::Https)
            && origin.is_some_and(|origin| origin.starts_with(b"https:"))
        {
            tracing::warn!("the browser speaks https and the server does not know: set base_url");
            return Transport::Https;
        }
        let is_this_machine = host == "localhost"
            || host.ends_with(".localhost")
            || host == "127.0.0.1"
            || host == "[::1]";
        match scheme {
            Some(Scheme::Https) => Transport::Https,
            _ if is_this_machine || self.insecure_http => Transport::Plain,
            _ => Transport::Https,
        }
    }

    /// The request's database. Where names are hidden, the cookies alone decide which name that is.
    async fn resolve(&self, cookies: &RequestCookies, host: &str) -> Result<Resolved, StoreError> {
        match self.core.databases.listed() {
            Listed::Yes => self.resolve_listed(cookies, host).await,
            Listed::No => self.resolve_hidden(cookies, host).await,
        }
    }

    /// The choice cookie's database, else the one that the browser is logged in to, else the only
    /// one that the host may see. What cannot be opened is passed over.
    async fn resolve_listed(
        &self,
        cookies: &RequestCookies,
        host: &str,
    ) -> Result<Resolved, StoreError> {
        let databases = &self.core.databases;
        let visible = OnceCell::new();
        let list = || visible.get_or_try_init(|| databases.visible(host));
        for name in cookies.chosen.iter().chain(cookies.databases()) {
            // Listed once: however many names somebody invents, they cost no more than none.
            if !databases.is_open(name).await && !list().await?.contains(name) {
                continue;
            }
            if let Some(database) = usable(databases.open(name, host).await)? {
                return Ok(Resolved::found(Some(database), visible));
            }
        }
        let database = match list().await?.as_slice() {
            [only] => usable(databases.open(only, host).await)?,
            _ => None,
        };
        Ok(Resolved::found(database, visible))
    }

    /// The name in the choice cookie, else in the first session cookie, whether or not there is such
    /// a database. To go on to the next name would tell that there is none.
    async fn resolve_hidden(
        &self,
        cookies: &RequestCookies,
        host: &str,
    ) -> Result<Resolved, StoreError> {
        let databases = &self.core.databases;
        let visible = OnceCell::new();
        let list = || visible.get_or_try_init(|| databases.visible(host));
        let named = cookies.chosen.as_ref().or(cookies.databases().next());
        if let Some(name) = named {
            let may_be_there = databases.is_open(name).await || list().await?.contains(name);
            if may_be_there && let Some(database) = usable(databases.open(name, host).await)? {
                return Ok(Resolved::found(Some(database), visible));
            }
            if cookies.databases().any(|database| database == name) {
                self.core.resume_session_nowhere().await?;
            }
        }
        if let [only] = list().await?.as_slice() {
            let database = usable(databases.open(only, host).await)?;
            return Ok(Resolved::found(database, visible));
        }
        Ok(Resolved {
            name: named.cloned(),
            database: None,
            visible,
        })
    }
}

fn usable(opened: Result<Database, OpenDatabaseError>) -> Result<Option<Database>, StoreError> {
    match opened {
        Ok(database) => Ok(Some(database)),
        Err(OpenDatabaseError::Unknown) => Ok(None),
        Err(OpenDatabaseError::Broken(error)) => {
            tracing::error!(%error, "a database cannot be migrated");
            Ok(None)
        }
        Err(OpenDatabaseError::Store(error)) => Err(error),
    }
}

/// Puts a [`Visitor`] into the request, and what became of the cookies into the answer.
pub(super) async fn visit(
    State(state): State<WebState>,
    mut request: Request,
    next: Next,
) -> Response {
    let visits = &state.visits;
    let Ok(host) = host(&request) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let scheme = request.extensions().get::<Scheme>().copied();
    let transport = visits.transport(scheme, &host, request.headers());
    let client = client(&request);
    let cookies = RequestCookies::read(request.headers(), transport);
    let (resolved, fault) = match visits.resolve(&cookies, &host).await {
        Ok(resolved) => (resolved, None),
        Err(error) => (Resolved::nothing(), Some(error)),
    };
    let name = resolved.name.clone();
    cookies.keep_only(name.as_ref(), request.headers_mut());

    let changes = CookieChanges::default();
    let store = RequestStore::new(
        visits.core.clone(),
        client.clone(),
        session_events::activity(&request),
        resolved.database.clone(),
    );
    let arrival = Arrival {
        core: visits.core.clone(),
        chosen: cookies.chosen.clone(),
        host,
        client,
        resolved,
        fault,
        changes: changes.clone(),
        store: store.clone(),
        devices: cookies.devices(),
        posted: cookies.posted,
    };
    let mut response = with_session(store, transport, arrival, request, next).await;
    let headers = response.headers_mut();
    if let Some(database) = changes.logged_in_to().or(name) {
        cookies::name_session_cookie(headers, &database, transport);
    }
    if let Some((database, token)) = changes.known_device() {
        cookies::know_device(headers, &database, &token, transport);
    }
    if let Some(change) = changes.posted() {
        cookies::change_posted(headers, &change, transport);
    }
    if let Some(chosen) = changes.chosen() {
        cookies::remember_choice(headers, &chosen, transport);
    }
    response
}

/// A request on its way to becoming a [`Visitor`].
struct Arrival {
    core: Core,
    chosen: Option<DatabaseName>,
    host: String,
    client: Client,
    resolved: Resolved,
    fault: Option<StoreError>,
    changes: CookieChanges,
    store: RequestStore,
    devices: HashMap<DatabaseName, DeviceTokens>,
    posted: Option<Posted>,
}

/// Runs the rest inside of tower-sessions, set up for this request's database.
async fn with_session(
    store: RequestStore,
    transport: Transport,
    arrival: Arrival,
    request: Request,
    next: Next,
) -> Response {
    let layer = SessionManagerLayer::new(store)
        .with_name(cookies::INNER_NAME)
        .with_secure(transport.is_secure())
        .with_same_site(SameSite::Lax)
        .with_http_only(true)
        .with_path("/");
    // tower-sessions wants a service that can be cloned; this one is called once.
    let arrival = Arc::new(std::sync::Mutex::new(Some(arrival)));
    let service = tower::service_fn(move |request: Request| {
        let arrival = arrival
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take();
        let next = next.clone();
        async move {
            Ok::<_, Infallible>(match arrival {
                Some(arrival) => arrival.receive(request, next).await,
                None => Response::default(),
            })
        }
    });
    match layer.layer(service).oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

impl Arrival {
    /// Resumes the session, with the one statement that a request costs, and goes on.
    async fn receive(self, mut request: Request, next: Next) -> Response {
        let Some(session) = request.extensions().get::<Session>().cloned() else {
            return Response::default();
        };
        let loaded = session.get_value("").await;
        let activity = self.store.activity();
        let resumed = match (self.fault, loaded) {
            (Some(fault), _) => Err(fault),
            (None, _) => self.store.resumed(),
        };
        let visitor = Arc::new(Visitor {
            core: self.core,
            host: self.host,
            client: self.client,
            chosen: self.chosen,
            database: self.resolved.database,
            resumed,
            session,
            devices: self.devices,
            cookies: self.changes,
            wants_page: Visitor::wants_page(request.headers()),
            // A page that refreshes itself shows nothing of it.
            posted: self.posted.filter(|_| activity == Activity::Person),
            visible: self.resolved.visible,
        });
        if let Err(StoreError::DatabaseGone(_)) = &visitor.resumed
            && let Some(database) = &visitor.database
        {
            visitor.core.databases.forget(database.name()).await;
        }
        hide_names(&visitor).await;
        request.extensions_mut().insert(Arc::clone(&visitor));
        let mut response = next.run(request).await;
        // Last, so that the new token overtakes no later one on its way. The old token stays good for
        // a while: that it was not replaced is no reason to fail.
        if activity == Activity::Person
            && let Err(error) = visitor.rotate_token().await
        {
            tracing::warn!(?error, "a token could not be replaced");
        }
        if let Err(error) = &visitor.resumed
            && (response.status().is_success()
                || response.status() == StatusCode::SERVICE_UNAVAILABLE)
        {
            unavailable(&mut response, error);
        }
        response
    }
}

/// Where names are hidden, a stranger's request costs as many statements for a database that is open
/// here as for one that is not there, which had to be looked for.
async fn hide_names(visitor: &Visitor) {
    let databases = &visitor.core.databases;
    if databases.listed() == Listed::No && !matches!(visitor.resumed, Ok(Resumed::Live(_))) {
        // An error is told by what needs the names.
        let list = || databases.visible(&visitor.host);
        let _ = visitor.visible.get_or_try_init(list).await;
    }
}

/// The page says in words that PostgreSQL is away; this says it in the head.
fn unavailable(response: &mut Response, error: &StoreError) {
    let error = ApiError::from(error.clone());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    if let Some(seconds) = error.retry_after_seconds() {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
}

fn client(request: &Request) -> Client {
    let agent = request.headers().get(header::USER_AGENT);
    Client {
        address: request
            .extensions()
            .get::<ClientAddress>()
            .map(|address| address.0),
        agent: agent
            .map(|agent| Agent::from_header(agent.as_bytes()))
            .unwrap_or_default(),
    }
}
