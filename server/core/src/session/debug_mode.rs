//! Debug mode: the pages of a session show how the server makes them.

use super::{Caller, DebugMode, Sessions, store};
use crate::{
    StoreError,
    access::{Resource, Rights, Verb},
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

/// Whether a user may use debug mode.
pub(super) fn is_permitted(rights: &Rights) -> bool {
    rights.may(Verb::Read, Resource::DEBUG_MODE)
}

impl Sessions {
    /// Turns the debug mode of the caller's session on or off, from the next request on.
    pub async fn set_debug_mode(
        &self,
        caller: &Caller,
        mode: Option<DebugMode>,
    ) -> Result<(), SetDebugModeError> {
        if mode.is_some() && !is_permitted(&caller.rights) {
            return Err(SetDebugModeError::NoAccess);
        }
        let mut tx = caller.transaction().await?;
        if !store::set_debug_mode(&mut tx, caller.session.id, mode).await? {
            return Err(SetDebugModeError::LoggedOut);
        }
        Ok(tx.commit().await?)
    }
}
