//! The logos of companies.

use std::sync::Arc;

use axum::{
    Extension, Router,
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::{HeaderValue, Uri, header};
use latchkey_app::{
    audience::Audience,
    registry::Route,
    request::Visitor,
    routes::{self, LOGO},
};

use super::state::WebState;

pub(super) const ROUTE: Route = Route::new(LOGO, Audience::Person);

/// The address names the logo, so that the browser may keep the answer; no cache that other people share may.
const KEPT_BY_BROWSER: HeaderValue =
    HeaderValue::from_static("private, max-age=31536000, immutable");

pub(super) fn routes() -> Router<WebState> {
    Router::new().route(LOGO, get(answer))
}

async fn answer(Extension(visitor): Extension<Arc<Visitor>>, uri: Uri) -> Response {
    let id = routes::parameter(uri.query(), "id").unwrap_or_default();
    match visitor.logo_of(&id).await {
        Ok(png) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("image/png")),
                (header::CACHE_CONTROL, KEPT_BY_BROWSER),
            ];
            (headers, png).into_response()
        }
        Err(error) => error.status().into_response(),
    }
}
