//! From a request to its visitor: which database it speaks of, and who is logged in there.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Once},
};

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
    database::DatabaseName,
    session::{Activity, SessionToken},
};
use tower::{Layer as _, ServiceExt as _};
use tower_sessions::{Session, SessionManagerLayer, cookie::SameSite};

use super::{
    client_address::{ClientAddress, Scheme},
    cookies::{self, RequestCookies, Transport},
    host::host,
    resolve::{Resolved, hide_names, resolve},
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
    warned_of_https: Arc<Once>,
}

impl Visits {
    pub fn new(core: Core, config: &config::Server) -> Self {
        Self {
            core,
            insecure_http: config.insecure_http,
            warned_of_https: Arc::new(Once::new()),
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
            self.warned_of_https.call_once(|| {
                tracing::warn!("a browser speaks https and the server does not know: set server.base_url (said once)");
            });
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
    let cookies = RequestCookies::read(request.headers(), transport);
    let client = client(&request, &cookies);
    let (resolved, fault) = match resolve(&visits.core, &cookies, &host).await {
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
        named: cookies.named().cloned(),
        chosen: cookies.chosen.clone(),
        host,
        client,
        resolved,
        fault,
        changes: changes.clone(),
        store: store.clone(),
        devices: cookies.devices(),
        tokens: cookies.tokens(),
        posted: cookies.posted,
        sent_cookie: cookies.is_any,
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
    named: Option<DatabaseName>,
    host: String,
    client: Client,
    resolved: Resolved,
    fault: Option<StoreError>,
    changes: CookieChanges,
    store: RequestStore,
    devices: HashMap<DatabaseName, DeviceTokens>,
    tokens: HashMap<DatabaseName, SessionToken>,
    posted: Option<Posted>,
    sent_cookie: bool,
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
            named: self.named,
            database: self.resolved.database,
            resumed,
            session,
            devices: self.devices,
            tokens: self.tokens,
            cookies: self.changes,
            wants_page: Visitor::wants_page(request.headers()),
            sent_cookie: self.sent_cookie,
            // A page that refreshes itself shows nothing of it.
            posted: self.posted.filter(|_| activity == Activity::Person),
            visible: self.resolved.visible,
        });
        if let (Err(error), Some(database)) = (&visitor.resumed, &visitor.database) {
            let databases = &visitor.core.databases;
            match error {
                StoreError::DatabaseGone(_) => databases.forget(database.name()).await,
                other => databases.tell_unavailable(database.name(), other),
            }
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

fn client(request: &Request, cookies: &RequestCookies) -> Client {
    let agent = request.headers().get(header::USER_AGENT);
    Client {
        address: request
            .extensions()
            .get::<ClientAddress>()
            .map(|address| address.0),
        agent: agent
            .map(|agent| Agent::from_header(agent.as_bytes()))
            .unwrap_or_default(),
        time_zone: cookies.time_zone.clone(),
    }
}
