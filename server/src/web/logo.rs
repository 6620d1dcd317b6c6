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
    let parameter = |name| routes::parameter(uri.query(), name).unwrap_or_default();
    match visitor.logo_of(&parameter("id"), &parameter("logo")).await {
        Ok((png, may_be_kept)) => {
            let kind = (header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
            let mut response = ([kind], png).into_response();
            if may_be_kept {
                let headers = response.headers_mut();
                headers.insert(header::CACHE_CONTROL, KEPT_BY_BROWSER);
            }
            response
        }
        Err(error) => error.status().into_response(),
    }
}
