//! Finds a request's visitor: its database, and the user who is logged in there.

use std::sync::{Arc, Once};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use latchkey_app::{
    live::PAGE_OWNER,
    request::{CookieChanges, Help, SessionChange, Visitor, internal},
    routes::OWNER,
    text::Language,
    wire::ApiError,
};
use latchkey_core::{
    Core, StoreError,
    client::{Agent, Client},
    database::DatabaseName,
    session::{Activity, Resumed},
};

use super::{
    client_address::{ClientAddress, Scheme},
    cookies::{self, RequestCookies, Transport},
    guard,
    host::host,
    resolve::{Resolved, hide_names, resolve},
    session_events,
    session_store::session_of,
};
use crate::config::Config;

/// The core and the settings that turn requests into visitors.
#[derive(Clone)]
pub(super) struct Visits {
    core: Core,
    insecure_http: bool,
    languages: &'static [Language],
    help: Arc<Help>,
    warned_of_https: Arc<Once>,
}

impl Visits {
    pub fn new(core: Core, config: &Config) -> Self {
        let (server, log_in) = (&config.server, &config.log_in);
        Self {
            core,
            insecure_http: server.insecure_http,
            languages: if server.pseudo_languages {
                Language::ALL
            } else {
                Language::WRITTEN
            },
            help: Arc::new(Help {
                text: log_in.help_text.clone(),
                url: log_in.help_url.as_ref().map(ToString::to_string),
            }),
            warned_of_https: Arc::new(Once::new()),
        }
    }

    /// Cookies go without `Secure` only over plain http on this machine, or if the administrator permits that.
    ///
    /// A proxy that passes on neither host nor scheme looks like this machine. The browser behind the proxy
    /// shows that it is not: its `Origin` is https, so the cookie gets `Secure`.
    fn transport(&self, scheme: Option<Scheme>, host: &str, headers: &HeaderMap) -> Transport {
        let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
        if scheme != Some(Scheme::Https)
            && origin.is_some_and(|origin| origin.starts_with(b"https:"))
        {
            self.warned_of_https.call_once(|| {
                tracing::warn!("a browser uses https, but the configuration does not say so: set server.base_url (logged once)");
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

/// Puts a [`Visitor`] and its `Session` into the request, and the changes of cookies into the answer.
pub(super) async fn visit(
    State(visits): State<Visits>,
    mut request: Request,
    next: Next,
) -> Response {
    let Ok(host) = host(&request) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let scheme = request.extensions().get::<Scheme>().copied();
    let transport = visits.transport(scheme, &host, request.headers());
    let cookies = RequestCookies::read(request.headers(), transport);
    // Handlers must not see the token of another database. They get the content of the cookies from the visitor.
    request.headers_mut().remove(header::COOKIE);
    let activity = session_events::activity(&request);

    let presented = Presented {
        host,
        client: client(&request, &cookies),
        sent_by: page_owner(&request),
        wants_page: Visitor::wants_page(request.headers()),
        activity,
        cookies,
    };

    let (visitor, session_cookie) = presented.into_visitor(&visits).await;
    let visitor = Arc::new(visitor);
    let language = visitor.language(request.headers());
    request.extensions_mut().insert(language);
    request.extensions_mut().insert(visitor.session.clone());
    request.extensions_mut().insert(Arc::clone(&visitor));
    let is_get = request.method() == Method::GET;
    let mut response = next.run(request).await;

    if let Err(error) = settle_session(&visitor).await {
        response = guard::refuse(&error);
    }
    // The rotation comes last, so that the new token reaches the browser in order. The old token stays good
    // for a while, so a failed rotation does not fail the request.
    if activity == Activity::Person
        && let Err(error) = visitor.rotate_token().await
    {
        tracing::warn!(?error, "a token could not be replaced");
    }
    if activity == Activity::Person && is_get && is_page(&response) {
        forget_lost_companies(&visitor).await;
    }
    if let Err(error) = &visitor.resumed
        && (response.status().is_success() || response.status() == StatusCode::SERVICE_UNAVAILABLE)
    {
        unavailable(&mut response, error);
    }
    visitor.remember_preferences();
    let changes = visitor.cookies.take();
    let headers = response.headers_mut();
    // The session, language and theme are in cookies.
    headers.append(header::VARY, HeaderValue::from_static("cookie"));
    if visits.languages.len() > 1 {
        headers.append(header::VARY, HeaderValue::from_static("accept-language"));
    }
    cookies::write(headers, changes, session_cookie.as_ref(), transport);
    // Whatever the handler says: a cache on the way or on the disk gets no token.
    if headers.contains_key(header::SET_COOKIE) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// The facts of a request that determine its visitor.
struct Presented {
    host: String,
    client: Client,
    sent_by: Option<String>,
    wants_page: bool,
    activity: Activity,
    cookies: RequestCookies,
}

impl Presented {
    /// The visitor, and the name of the database whose session cookie the request brought. This resumes the session.
    async fn into_visitor(self, visits: &Visits) -> (Visitor, Option<DatabaseName>) {
        let core = &visits.core;
        let Self {
            host,
            client,
            sent_by,
            wants_page,
            activity,
            cookies,
        } = self;
        let tokens = cookies.tokens();
        let (resolved, fault) = match resolve(core, &cookies, &host).await {
            Ok(resolved) => (resolved, None),
            Err(error) => (Resolved::nothing(), Some(error)),
        };
        let session_cookie = resolved.name.filter(|name| tokens.contains_key(name));
        let token = session_cookie.as_ref().and_then(|name| tokens.get(name));
        let resumed = match (fault, &resolved.database, token) {
            (Some(fault), ..) => Err(fault),
            (None, Some(database), Some(token)) => {
                core.sessions
                    .resume(database, token, &client, activity)
                    .await
            }
            (None, ..) => Ok(Resumed::Unknown),
        };
        if let (Err(error), Some(database)) = (&resumed, &resolved.database) {
            match error {
                StoreError::DatabaseGone(_) => core.databases.forget(database.name()).await,
                other => core.databases.tell_unavailable(database.name(), other),
            }
        }
        let caller = match &resumed {
            Ok(Resumed::Live(caller)) => Some(Arc::clone(caller)),
            _ => None,
        };
        let visitor = Visitor {
            core: core.clone(),
            host,
            client,
            devices: cookies.devices(),
            named: cookies.named().cloned(),
            chosen: cookies.chosen,
            database: resolved.database,
            resumed,
            session: session_of(core, caller),
            tokens,
            cookies: CookieChanges::default(),
            sent_by,
            wants_page,
            activity,
            sent_cookie: cookies.is_any,
            // A page that refreshes itself does not show the outcome of a form, so it must not use it up.
            posted: cookies.posted.filter(|_| activity == Activity::Person),
            languages: visits.languages,
            help: Arc::clone(&visits.help),
            remembered: cookies.remembered,
            visible: resolved.visible,
        };
        hide_names(&visitor).await;
        (visitor, session_cookie)
    }
}

/// Saves the session's values that the request has changed. If a handler has deleted the session, the cookie
/// is removed too.
async fn settle_session(visitor: &Visitor) -> Result<(), ApiError> {
    let session = &visitor.session;
    if visitor.caller().is_ok() && session.id().is_none() {
        visitor.cookies.change_session(SessionChange::Remove);
        return Ok(());
    }
    if session.is_modified() {
        session.save().await.map_err(internal)?;
    }
    Ok(())
}

/// Whether a person reads the response as the page that was asked for, rather than as a file or as data.
fn is_page(response: &Response) -> bool {
    response.status().is_success() && is_html(response)
}

/// Whether the response is a page, perhaps a page about an error.
pub(super) fn is_html(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// Takes the companies that the session has lost out of the session, because the page has told the loss. If that fails, the
/// next page tells the loss again.
async fn forget_lost_companies(visitor: &Visitor) {
    if let Ok(caller) = visitor.caller()
        && visitor.has_lost_company()
        && let Err(error) = visitor.core.companies.forget_lost(caller).await
    {
        tracing::warn!(?error, "the companies of a session could not be changed");
    }
}

/// Sets the status and `Retry-After` of a page that says that PostgreSQL cannot be reached.
fn unavailable(response: &mut Response, error: &StoreError) {
    let error = ApiError::from(error.clone());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    if let Some(seconds) = error.retry_after_seconds() {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
}

/// The owner of the page that sends the request: in a header of a request by script, in the address of a form. The address
/// of a page says nothing, because any link may say that.
fn page_owner(request: &Request) -> Option<String> {
    let header = request.headers().get(PAGE_OWNER);
    let header = header.and_then(|owner| owner.to_str().ok());
    header.map(str::to_owned).or_else(|| {
        let is_form = guard::is_function(request.uri().path());
        is_form
            .then(|| guard::query_value(request, OWNER))
            .flatten()
    })
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
