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

/// The entries about a kind of subject, or about all, that are older than the entry `before`.
#[server(endpoint = "list_audit", input = GetUrl)]
pub async fn list_audit(
    subject: Option<AuditSubject>,
    before: Option<String>,
) -> Result<AuditList, ApiError> {
    crate::request::Visitor::current()?
        .audit(subject, before.as_deref())
        .await
}
