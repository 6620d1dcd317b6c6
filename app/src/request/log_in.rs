//! Logging in and out, as far as the browser is concerned: the core opens and ends sessions, and
//! here the cookie follows.

use latchkey_core::{
    attempt::{DeviceToken, RememberDevice},
    database::Database,
    session::{EndCause as Cause, LogInAttempt, OpenedSession, Resumed},
    settings::Listed,
    user::Password,
};
use tower_sessions::Expiry;

use super::{ISSUED_TOKEN, Visitor, clear_browser_storage, internal};
use crate::api::{
    ApiError,
    device::DeviceName,
    session::{EndCause, EndNotice},
};

/// Browsers keep no cookie longer (RFC 6265bis).
const LONGEST_COOKIE: time::Duration = time::Duration::days(400);

impl Visitor {
    /// Verifies and opens a session, and puts its token on the way to the cookie.
    pub(crate) async fn log_in(
        &self,
        database: Option<String>,
        login: String,
        password: String,
        time_zone: Option<String>,
    ) -> Result<OpenedSession, ApiError> {
        let password = Password::new(password);
        let database = match self.log_in_database(database).await {
            Ok(database) => database,
            // A name that is hidden must not be told from one that is not there.
            Err(ApiError::UnknownDatabase) if self.core.databases.listed() == Listed::No => {
                return Err(self.core.log_in_nowhere(&password).await?.into());
            }
            Err(error) => return Err(error),
        };
        let replaces = match &self.resumed {
            Ok(Resumed::Live(caller)) if caller.database.name() == database.name() => {
                Some(caller.session.id)
            }
            _ => None,
        };
        let attempt = LogInAttempt {
            login,
            password,
            client: self.client.clone(),
            time_zone,
            replaces,
            device: self.devices.get(database.name()).map(DeviceToken::hash),
            remember_device: RememberDevice::Yes,
        };
        let opened = self.core.log_in(&database, attempt).await?;
        if let Some(token) = &opened.device {
            self.cookies.know_device(database.name().clone(), token);
        }
        self.issue_cookie(&database, &opened).await?;
        Ok(opened)
    }

    /// Ends the session if there is one, and takes the cookie back in any case.
    pub(crate) async fn log_out(&self) -> Result<(), ApiError> {
        match self.caller() {
            Ok(caller) => self.core.log_out(caller).await?,
            Err(ApiError::SignedOut) => {}
            Err(error) => return Err(error),
        }
        self.session.flush().await.map_err(internal)?;
        clear_browser_storage();
        Ok(())
    }

    /// Why the session of the cookie ended. Who logged out by themselves knows.
    pub(crate) fn end_notice(&self) -> Option<EndNotice> {
        let Ok(Resumed::Ended(ended)) = &self.resumed else {
            return None;
        };
        let by = ended.by.as_ref().map(|agent| self.device_name(agent));
        Some(EndNotice {
            cause: end_cause(ended.cause, by),
            at: self.moment(ended.at),
        })
    }

    /// The database to log in to: the one in the form, else the one that is settled.
    async fn log_in_database(&self, typed: Option<String>) -> Result<Database, ApiError> {
        match (typed.filter(|name| !name.trim().is_empty()), &self.resumed) {
            (Some(name), _) => self.open_database(&name).await,
            (None, Err(fault)) => Err(fault.clone().into()),
            (None, Ok(_)) => self.database.clone().ok_or(ApiError::UnknownDatabase),
        }
    }

    /// A new record under a new id: whatever cookie came along is left behind, never adopted.
    async fn issue_cookie(
        &self,
        database: &Database,
        opened: &OpenedSession,
    ) -> Result<(), ApiError> {
        self.session.flush().await.map_err(internal)?;
        let token = opened.token.to_bytes();
        self.session
            .insert(ISSUED_TOKEN, token)
            .await
            .map_err(internal)?;
        let lifetime = match opened.absolute_expires_at {
            Some(end) => (end - self.core.clock.now()).min(LONGEST_COOKIE),
            None => LONGEST_COOKIE,
        };
        self.session
            .set_expiry(Some(Expiry::OnInactivity(lifetime)));
        self.cookies.log_in_to(database.name().clone());
        Ok(())
    }
}

/// The cause as people see it, with the device that did it if it is to be told.
pub(super) fn end_cause(cause: Cause, by: Option<DeviceName>) -> EndCause {
    match cause {
        Cause::LoggedOut => EndCause::LoggedOut,
        Cause::Replaced => EndCause::Replaced,
        Cause::Revoked => EndCause::Revoked { by },
        Cause::PasswordChanged => EndCause::PasswordChanged { by },
        Cause::Administrator => EndCause::Administrator,
        Cause::UserDisabled => EndCause::UserDisabled,
        Cause::Limit => EndCause::Limit,
        Cause::Idle => EndCause::Idle,
        Cause::TooOld => EndCause::TooOld,
    }
}
