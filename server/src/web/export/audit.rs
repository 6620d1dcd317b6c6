//! The audit log as a file.

use std::sync::Arc;

use axum::{Extension, Router, response::Response, routing::get};
use http::Uri;
use latchkey_app::{
    audience::Audience,
    registry::Route,
    request::{AuditRow, Visitor},
    routes,
    wire::ApiError,
};
use latchkey_core::access::{Resource, Verb};

use super::Exported;
use crate::web::state::WebState;

const READERS: Audience = Audience::Right(Verb::Read, Resource::AUDIT);

pub(super) const ROUTES: [Route; 2] = [
    Route::new(routes::AUDIT_CSV, READERS),
    Route::new(routes::AUDIT_JSON, READERS),
];

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route(routes::AUDIT_CSV, get(as_csv))
        .route(routes::AUDIT_JSON, get(as_json))
}

async fn as_csv(Extension(visitor): Extension<Arc<Visitor>>, uri: Uri) -> Response {
    super::as_csv(rows(&visitor, &uri).await, visitor.audit_file())
}

async fn as_json(Extension(visitor): Extension<Arc<Visitor>>, uri: Uri) -> Response {
    super::as_json(rows(&visitor, &uri).await, visitor.audit_file())
}

/// The entries that the file has: those of the page that offers the file, from the newest on.
async fn rows(visitor: &Visitor, uri: &Uri) -> Result<Vec<AuditRow>, ApiError> {
    let parameter = |name| routes::parameter(uri.query(), name);
    let subject = parameter("subject").and_then(|word| word.parse().ok());
    let search = parameter("search").unwrap_or_default();
    visitor.audit_rows(subject, search).await
}

impl Exported for AuditRow {
    const HEADS: &'static [&'static str] = &[
        "id",
        "time",
        "actor_login",
        "actor_id",
        "session_id",
        "address",
        "user_agent",
        "subject",
        "subject_id",
        "subject_name",
        "action",
        "before",
        "after",
    ];

    /// The fields that differ are JSON in their cells.
    fn fields(&self) -> Vec<String> {
        let optional = |field: &Option<String>| field.clone().unwrap_or_default();
        let state = |state| serde_json::Value::from(state).to_string();
        vec![
            self.id.to_string(),
            self.time.clone(),
            optional(&self.actor_login),
            optional(&self.actor_id),
            optional(&self.session_id),
            optional(&self.address),
            optional(&self.user_agent),
            self.subject.to_owned(),
            self.subject_id.clone(),
            self.subject_name.clone(),
            self.action.to_owned(),
            state(self.before.clone()),
            state(self.after.clone()),
        ]
    }
}
