//! A person's activity as a file.

use std::sync::Arc;

use axum::{Extension, Router, response::Response, routing::get};
use http::Uri;
use latchkey_app::{
    audience::Audience,
    registry::Route,
    request::{ActivityRow, Visitor},
    routes,
    wire::activity::ActivityFilter,
};

use super::Exported;
use crate::web::state::WebState;

pub(super) const ROUTES: [Route; 2] = [
    Route::new(routes::ACTIVITY_CSV, Audience::Person),
    Route::new(routes::ACTIVITY_JSON, Audience::Person),
];

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route(routes::ACTIVITY_CSV, get(as_csv))
        .route(routes::ACTIVITY_JSON, get(as_json))
}

async fn as_csv(Extension(visitor): Extension<Arc<Visitor>>, uri: Uri) -> Response {
    let rows = visitor.activity_rows(shown(&uri)).await;
    super::as_csv(rows, visitor.activity_file())
}

async fn as_json(Extension(visitor): Extension<Arc<Visitor>>, uri: Uri) -> Response {
    let rows = visitor.activity_rows(shown(&uri)).await;
    super::as_json(rows, visitor.activity_file())
}

/// The events that the file has: those of the page that offers the file.
fn shown(uri: &Uri) -> ActivityFilter {
    let show = routes::parameter(uri.query(), "show");
    show.map(|word| ActivityFilter::from_word(&word))
        .unwrap_or_default()
}

impl Exported for ActivityRow {
    const HEADS: &'static [&'static str] = &[
        "time",
        "event",
        "detail",
        "address",
        "browser",
        "platform",
        "user_agent",
        "device_name",
        "place",
        "ended_by",
    ];

    fn fields(&self) -> Vec<String> {
        let optional = |field: &Option<String>| field.clone().unwrap_or_default();
        vec![
            self.time.clone(),
            self.event.to_owned(),
            self.detail.to_owned(),
            optional(&self.address),
            optional(&self.browser),
            optional(&self.platform),
            optional(&self.user_agent),
            optional(&self.device_name),
            optional(&self.place),
            optional(&self.ended_by),
        ]
    }
}
