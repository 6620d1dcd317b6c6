//! Home: the account at a glance. No browser calls this, so it is no server function.

use crate::wire::{ApiError, home::HomeOverview};

/// What Home shows.
#[cfg(feature = "ssr")]
pub async fn home_overview() -> Result<HomeOverview, ApiError> {
    crate::request::Visitor::current()?.home().await
}

/// The browser never renders the page.
#[cfg(not(feature = "ssr"))]
pub async fn home_overview() -> Result<HomeOverview, ApiError> {
    Err(ApiError::NotFound)
}
