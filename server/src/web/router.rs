//! The router: every layer that a request passes, in order, and the handlers.

use std::time::Duration;

use axum::{
    Router,
    extract::{Request, State},
    middleware,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use latchkey_app::{ASSETS, App, routes::SESSION_EVENTS, shell};
use latchkey_core::Core;
use leptos_axum::{LeptosRoutes as _, generate_route_list};
use tower::ServiceBuilder;
use tower_http::{
    CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer,
    limit::RequestBodyLimitLayer, timeout::TimeoutLayer,
};

use super::{
    Site, activity_export, api_status, assets,
    client_address::{Edge, identify_client},
    cross_site,
    forms::{self, LARGEST_BODY},
    guard, health, retry_after, security_headers, session_events,
    slow_body::{self, LONGEST_BODY},
    state::WebState,
    visit::{self, Visits},
    well_known,
};
use crate::config::Config;

/// Longest time of a request. Log-ins may wait for their turn for seconds, so it is longer than those.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);

/// The complete router of the server.
pub fn router(core: Core, config: &Config, site: &Site) -> anyhow::Result<Router> {
    let visits = Visits::new(core.clone(), &config.server);
    let state = WebState {
        core,
        files: site.files.clone(),
    };

    let files = site.files.clone();

    // Pages and server functions: every request gets a visitor and passes the guard.
    let visited = ServiceBuilder::new()
        .layer(middleware::from_fn_with_state(visits, visit::visit))
        .layer(middleware::from_fn(forms::answer))
        .layer(middleware::from_fn(guard::admit))
        .layer(middleware::from_fn(api_status::set_status));
    let pages = Router::new()
        .leptos_routes(&state, generate_route_list(App), move || shell(&files))
        .merge(activity_export::routes())
        .fallback(not_found)
        .layer(
            ServiceBuilder::new()
                .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
                .layer(visited.clone()),
        );
    // Streams of events are not compressed, and thousands may be open: the place for a compressor takes 6 kB.
    let streams = Router::new()
        .route(
            SESSION_EVENTS,
            axum::routing::get(session_events::open).head(session_events::probe),
        )
        .layer(visited);
    let pages = pages.merge(streams);
    let pages = cross_site::protect(pages, config.server.base_url.as_ref())?;

    // Files and probes need no visitor.
    let open = Router::new()
        .nest_service(&format!("/{ASSETS}"), assets::service(site))
        .route("/healthz", axum::routing::get(health::alive))
        .route("/readyz", axum::routing::get(health::ready))
        .merge(well_known::routes());

    Ok(pages
        .merge(open)
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn_with_state(
                    Edge::new(&config.server),
                    identify_client,
                ))
                .layer(middleware::from_fn(security_headers::security_headers))
                .layer(middleware::from_fn(super::request_log::log))
                .layer(middleware::from_fn(well_known::without_trailing_slash))
                .layer(middleware::from_fn(retry_after::say))
                .layer(CatchPanicLayer::custom(panicked))
                .layer(TimeoutLayer::with_status_code(
                    StatusCode::SERVICE_UNAVAILABLE,
                    LONGEST_REQUEST,
                ))
                .layer(middleware::from_fn_with_state(
                    LONGEST_BODY,
                    slow_body::limit,
                ))
                .layer(RequestBodyLimitLayer::new(LARGEST_BODY)),
        )
        .with_state(state))
}

/// The page for a path that does not exist, with its status. leptos renders it because no route matches.
async fn not_found(State(state): State<WebState>, request: Request) -> Response {
    let render = leptos_axum::render_app_async(move || shell(&state.files));
    let mut response = render(request).await.into_response();
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// A panic fails one request only: the process continues (OWASP ASVS 16.5.4).
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
