//! Names the device of a session.

use super::{Caller, SessionId, Sessions, store};
use crate::{
    StoreError,
    device::{self, DeviceName},
    module::DeviceNamed,
};

/// The reason why a device was not named.
#[derive(Debug, thiserror::Error)]
pub enum NameDeviceError {
    /// The caller's own session has ended meanwhile.
    #[error("the session has ended")]
    LoggedOut,
    /// The session does not exist, is not the caller's, or is no longer live. The answer does not say which.
    #[error("no such live session")]
    NotFound,
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sessions {
    /// Names the device of one of the caller's live sessions, or removes its name. All live sessions of the device get
    /// the name, and its next session does too if the device is known.
    pub async fn name_device(
        &self,
        caller: &Caller,
        id: SessionId,
        name: Option<&DeviceName>,
    ) -> Result<(), NameDeviceError> {
        let mut tx = caller.transaction().await?;
        let (user, now) = (caller.user.id, self.clock.now());
        let sessions = store::lock_of_user(tx.connection(), user, now).await?;
        if !caller.is_among(&sessions) {
            return Err(NameDeviceError::LoggedOut);
        }
        if !sessions
            .iter()
            .any(|session| session.id == id && session.is_live)
        {
            return Err(NameDeviceError::NotFound);
        }
        // The device comes first, because a parallel log-in with the device has locked the device's row. This
        // transaction waits for the log-in's commit, and then names the log-in's session too.
        let device = store::device_of(tx.connection(), id).await?;
        if let Some(device) = device {
            device::store::name(&mut tx, device, name).await?;
        }
        store::name_device(&mut tx, id, device, name).await?;
        tx.commit().await?;
        self.modules.observe(
            &caller.database,
            [DeviceNamed {
                user: caller.user.clone(),
                session: id,
                by: caller.session.id,
                name: name.cloned(),
            }],
        );
        Ok(())
    }
}
