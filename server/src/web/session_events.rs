//! Server-sent events, which tell a page that the person's sessions changed, or that its own session has ended.
//!
//! An event says that something changed, but not what. The page then sends a request, which is answered by
//! the rights of its session.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::Request,
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, StreamExt as _, stream};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use latchkey_app::{
    audience::Audience,
    live::{BACKGROUND, DEVICES_CHANGED, ENDED, SHORTENED},
    registry::Route,
    request::Visitor,
    routes::{CURRENT_SESSION, DEVICE_OVERVIEW, DEVICES, HOME, LOGO, SESSION_EVENTS},
    wire::ApiError,
};
use latchkey_core::{
    Core,
    live::{Change, TooManyWatchers, Watcher},
    session::Activity,
};

use super::guard;

/// The path of the stream.
pub(super) const ROUTE: Route = Route::new(SESSION_EVENTS, Audience::Bearer);

/// The pause between two heartbeats. Proxies close a connection that is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(25);

/// The shortest pause after which a page reconnects to a stream that was cut off; the longest is twice this.
const RETRY: Duration = Duration::from_secs(1);

/// The pause after which a page asks for a seat again, in seconds.
const NO_SEAT_RETRY_SECONDS: u32 = 30;

/// Whether a person makes the request, or an open page by itself: for the stream, because of an event of
/// the stream, or for a picture of the page.
///
/// Only these paths can count as the page's. A thief could otherwise send the header with every request and
/// never show up as activity.
pub(super) fn activity(request: &Request) -> Activity {
    match request.uri().path() {
        SESSION_EVENTS | LOGO => Activity::Background,
        HOME | DEVICES | DEVICE_OVERVIEW | CURRENT_SESSION
            if request.method() == Method::GET && request.headers().contains_key(BACKGROUND) =>
        {
            Activity::Background
        }
        _ => Activity::Person,
    }
}

/// `GET`: opens the caller's stream.
pub(super) async fn open(request: Request) -> Response {
    let Some(visitor) = request.extensions().get::<Arc<Visitor>>() else {
        return guard::refuse(&ApiError::LoggedOut);
    };
    let watcher = match visitor.bearer() {
        Ok(bearer) => visitor.core.live.watch(bearer),
        Err(error) => return guard::refuse(&error),
    };
    match watcher {
        Ok(watcher) => answer(&visitor.core, watcher),
        Err(no_seat) => refuse(no_seat),
    }
}

/// `HEAD`: answers whether there is a session, for a page that is not sure any more. Without a session the
/// guard refuses.
pub(super) async fn probe() -> StatusCode {
    StatusCode::NO_CONTENT
}

fn answer(core: &Core, watcher: Watcher) -> Response {
    // The jitter keeps the pages of a stopped node from reconnecting all at once.
    let [jitter] = core.random().bytes();
    let retry = RETRY + RETRY.mul_f32(f32::from(jitter) / f32::from(u8::MAX));
    let first = stream::once(async move { Event::default().retry(retry) });
    let events = first.chain(events(watcher)).map(Ok::<_, Infallible>);
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(HEARTBEAT))
        .into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // By default nginx holds an answer back until it fills a buffer.
    let buffering = HeaderName::from_static("x-accel-buffering");
    headers.insert(buffering, HeaderValue::from_static("no"));
    response
}

fn events(watcher: Watcher) -> impl Stream<Item = Event> {
    stream::unfold(watcher, async |mut watcher| {
        let name = match watcher.next().await? {
            Change::Sessions => DEVICES_CHANGED,
            Change::Shortened => SHORTENED,
            Change::Ended => ENDED,
        };
        // Browsers ignore an event without data.
        Some((Event::default().event(name).data(name), watcher))
    })
}

fn refuse(no_seat: TooManyWatchers) -> Response {
    tracing::debug!("{no_seat}");
    let mut response = guard::refuse(&ApiError::Busy {
        retry_after_seconds: NO_SEAT_RETRY_SECONDS,
    });
    if no_seat != TooManyWatchers::Node {
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    }
    let retry_after = HeaderValue::from(NO_SEAT_RETRY_SECONDS);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, retry_after);
    response
}
