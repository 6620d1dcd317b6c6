//! Debug mode: the pages of a session show how the server makes them.

use super::{Caller, DebugMode, Sessions, store};
use crate::{
    StoreError,
    access::{Resource, Verb},
};

/// The reason why the debug mode of a session was not changed.
#[derive(Debug, thiserror::Error)]
pub enum SetDebugModeError {
    /// No group of the user gives the right to use debug mode.
    #[error("no group of the user gives the right to use debug mode")]
    NoAccess,
    /// The session has ended meanwhile.
    #[error("the session has ended meanwhile")]
    LoggedOut,
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sessions {
    /// Changes the debug mode of the caller's session from the next request on.
    pub async fn set_debug_mode(
        &self,
        caller: &Caller,
        mode: DebugMode,
    ) -> Result<(), SetDebugModeError> {
        if !caller.rights.may(Verb::Read, Resource::DEBUG_MODE) {
            return Err(SetDebugModeError::NoAccess);
        }
        let mut tx = caller.transaction().await?;
        if !store::set_debug_mode(&mut tx, caller.session.id, mode).await? {
            return Err(SetDebugModeError::LoggedOut);
        }
        Ok(tx.commit().await?)
    }
}
