//! Acknowledges the device of a session: the person says "It was me".

use super::{Caller, SessionId, Sessions, store};
use crate::{StoreError, device, module::DeviceAcknowledged};

/// The reason why a device was not acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum AcknowledgeError {
    /// The caller's own session has ended meanwhile.
    #[error("the session has ended")]
    LoggedOut,
    /// The session does not exist, is not the caller's, or is no longer live. The answer does not say which.
    #[error("no such live session")]
    NotFound,
    /// The caller's own device is new to the account.
    #[error("the caller's own device is new")]
    OnNewDevice,
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sessions {
    /// Notes that the person has logged in on the device of one of the caller's live sessions. The device is no longer
    /// new to the account, in none of its sessions. Acknowledging again changes nothing.
    pub async fn acknowledge_device(
        &self,
        caller: &Caller,
        id: SessionId,
    ) -> Result<(), AcknowledgeError> {
        let mut tx = caller.transaction().await?;
        let (user, now) = (caller.user.id, self.clock.now());
        let sessions = store::lock_of_user(tx.connection(), user, now).await?;
        if !caller.is_among(&sessions) {
            return Err(AcknowledgeError::LoggedOut);
        }
        if !sessions
            .iter()
            .any(|session| session.id == id && session.is_live)
        {
            return Err(AcknowledgeError::NotFound);
        }
        if store::is_device_new(&mut tx, caller.session.id, now).await? {
            return Err(AcknowledgeError::OnNewDevice);
        }
        // In the order of `name_device`.
        let device = store::device_of(tx.connection(), id).await?;
        if let Some(device) = device {
            device::store::acknowledge(&mut tx, device).await?;
        }
        store::acknowledge_device(&mut tx, id, device).await?;
        tx.commit().await?;
        self.modules.observe(
            &caller.database,
            [DeviceAcknowledged {
                user: caller.user.clone(),
                session: id,
                by: caller.session.id,
            }],
        );
        Ok(())
    }
}
