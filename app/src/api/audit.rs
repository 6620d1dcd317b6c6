//! The audit log.

use latchkey_words::{AuditSubject, Resource, Verb};
use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    audience::Audience,
    function::Function,
    wire::{ApiError, audit::AuditList},
};

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] = &[Function::of::<ListAudit>(Audience::Right(
    Verb::Read,
    Resource::AUDIT,
))];

/// The entries about a kind of subject, or about all, that are older than the entry `before`. `search` is a part of the subject's name
/// or of the login of the person who acted.
#[server(endpoint = "list_audit", input = GetUrl)]
pub async fn list_audit(
    subject: Option<AuditSubject>,
    search: Option<String>,
    before: Option<String>,
) -> Result<AuditList, ApiError> {
    crate::request::Visitor::current()?
        .audit(subject, search.unwrap_or_default(), before.as_deref())
        .await
}
