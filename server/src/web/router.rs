//! The router: every layer that a request passes, in order, and the handlers.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    middleware,
    response::{IntoResponse as _, Response},
    routing::{MethodFilter, get, on},
};
use http::{StatusCode, header};
use latchkey_app::{
    ASSETS, NOT_FOUND,
    registry::{Entries, Registry, RegistryError},
    render,
};
use latchkey_core::Core;
use tower::ServiceBuilder;
use tower_http::{
    CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer,
    limit::RequestBodyLimitLayer, timeout::TimeoutLayer,
};

use super::{
    Site, api_status, assets,
    client_address::{Edge, identify_client},
    cross_site, debug_mode, export,
    forms::{self, LARGEST_BODY},
    guard, health, logo, retry_after, security_headers, session_events,
    slow_body::{self, LONGEST_BODY},
    state::WebState,
    visit::{self, Visits},
    well_known,
};
use crate::{config::Config, statements};

/// Longest time of a request. Log-ins may wait for their turn for seconds, so it is longer than those.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);

/// Everything that the product serves.
pub fn registry() -> Result<Arc<Registry>, RegistryError> {
    let mut entries = Entries::of_the_product();
    entries.others.extend([session_events::ROUTE]);
    entries.others.extend(export::paths());
    entries.others.extend([logo::ROUTE]);
    entries.others.extend(health::ROUTES);
    entries.others.extend(well_known::ROUTES);
    Registry::new(entries).map(Arc::new)
}

/// The complete router of the server.
pub fn router(
    core: Core,
    config: &Config,
    site: &Site,
    registry: &Arc<Registry>,
) -> anyhow::Result<Router> {
    statements::follow_tasks_of_pages();
    let visits = Visits::new(core.clone(), config);
    let state = WebState {
        core,
        files: site.files.clone(),
        registry: registry.clone(),
    };

    // Pages and server functions: every request gets a visitor and passes the guard.
    let visited = ServiceBuilder::new()
        .layer(middleware::from_fn_with_state(visits, visit::visit))
        .layer(middleware::from_fn_with_state(
            registry.clone(),
            debug_mode::apply,
        ))
        .layer(middleware::from_fn_with_state(
            registry.clone(),
            forms::answer,
        ))
        .layer(middleware::from_fn_with_state(
            registry.clone(),
            guard::admit,
        ))
        .layer(middleware::from_fn(api_status::set_status));
    let pages = pages_and_functions(&state)?
        .merge(export::routes())
        .merge(logo::routes())
        .fallback(not_found)
        .layer(
            ServiceBuilder::new()
                .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
                .layer(visited.clone()),
        );
    // Streams of events are not compressed, and thousands may be open: the place for a compressor takes 6 kB.
    let streams = Router::new()
        .route(
            session_events::ROUTE.path,
            get(session_events::open).head(session_events::probe),
        )
        .layer(visited);
    let pages = pages.merge(streams);
    let pages = cross_site::protect(pages, config.server.base_url.as_ref())?;

    // Files and probes need no visitor.
    let open = Router::new()
        .nest_service(&format!("/{ASSETS}"), assets::service(site))
        .merge(health::routes())
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

/// The pages and server functions of the registry.
fn pages_and_functions(state: &WebState) -> anyhow::Result<Router<WebState>> {
    let mut router = Router::new();
    for page in state.registry.pages() {
        let handler = render(*page, state.registry.clone(), state.files.clone());
        router = router.route(page.path, get(handler));
    }
    for redirect in state.registry.redirects() {
        let answer = (StatusCode::FOUND, [(header::LOCATION, redirect.to)]);
        router = router.route(redirect.from, get(async move || answer));
    }
    for (path, method) in server_fn::axum::server_fn_paths() {
        let method = MethodFilter::try_from(method)?;
        router = router.route(path, on(method, leptos_axum::handle_server_fns));
    }
    Ok(router)
}

/// The page for a path that does not exist, with its status.
async fn not_found(State(state): State<WebState>, request: Request) -> Response {
    let render = render(NOT_FOUND, state.registry, state.files);
    let mut response = render(request).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// A panic fails one request only: the process continues (OWASP ASVS 16.5.4).
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
