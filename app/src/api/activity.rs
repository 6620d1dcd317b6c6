//! Activity: the events of the person's account.

use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    audience::Audience,
    function::Function,
    wire::{ApiError, activity::ActivityList},
};

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] = &[Function::of::<ListActivity>(Audience::Person)];

/// The events of the person's account, from an entry on.
#[server(endpoint = "list_activity", input = GetUrl)]
pub async fn list_activity(from: Option<String>) -> Result<ActivityList, ApiError> {
    crate::request::Visitor::current()?
        .activity(from.as_deref())
        .await
}
