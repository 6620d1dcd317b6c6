//! Activity: the events of the person's account.

use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    audience::Audience,
    function::Function,
    wire::{
        ApiError,
        activity::{ActivityFilter, ActivityList},
    },
};

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] = &[Function::of::<ListActivity>(Audience::Person)];

/// The events of the person's account, all or some kinds, from an entry on.
#[server(endpoint = "list_activity", input = GetUrl)]
pub async fn list_activity(
    show: Option<ActivityFilter>,
    from: Option<String>,
) -> Result<ActivityList, ApiError> {
    crate::request::Visitor::current()?
        .activity(show.unwrap_or_default(), from.as_deref())
        .await
}
