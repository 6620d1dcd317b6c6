//! Logging in and out, as far as the browser is concerned: the core opens and ends sessions, and
//! here the cookie follows.

use latchkey_core::{
    attempt::{DeviceTokens, RememberDevice, TypedCode},
    database::Database,
    session::{
        Activity, Caller, EndCause as Cause, LogInAttempt, OpenedSession, Resumed, SessionId,
        SessionToken,
    },
    settings::{CookieLifetime, Listed},
    user::Password,
};
use time::OffsetDateTime;
use tower_sessions::Expiry;

use super::{ISSUED_TOKEN, Visitor, clear_browser_storage, internal};
use crate::api::{
    ApiError,
    device::DeviceName,
    session::{EndCause, EndNotice},
};

/// Browsers keep no cookie longer (RFC 6265bis).
const LONGEST_COOKIE: time::Duration = time::Duration::days(400);

/// What was typed at log-in.
pub(crate) struct Typed {
    pub database: Option<String>,
    pub login: String,
    pub password: String,
    pub time_zone: Option<String>,
    pub is_on_shared_computer: bool,
    pub code: Option<String>,
}

impl Visitor {
    /// Verifies and opens a session, and puts its token on the way to the cookie.
    pub(crate) async fn log_in(&self, typed: Typed) -> Result<OpenedSession, ApiError> {
        let password = Password::new(typed.password);
        let database = match self.log_in_database(typed.database).await {
            Ok(database) => database,
            // A name that is hidden must not be told from one that is not there.
            Err(ApiError::UnknownDatabase) if self.core.databases.listed() == Listed::No => {
                return Err(self.core.log_in_nowhere(&password).await?.into());
            }
            Err(error) => return Err(error),
        };
        let replaces = self.session_in(&database).await?;
        let devices = self.devices.get(database.name());
        let attempt = LogInAttempt {
            login: typed.login,
            password,
            client: self.client.clone(),
            time_zone: typed.time_zone,
            is_on_shared_computer: typed.is_on_shared_computer,
            replaces,
            devices: devices.map(DeviceTokens::hashes).unwrap_or_default(),
            remember_device: if typed.is_on_shared_computer {
                RememberDevice::No
            } else {
                RememberDevice::Yes
            },
            code: TypedCode::of(typed.code.as_deref()),
        };
        let opened = self.core.log_in(&database, attempt).await?;
        if let Some(issued) = &opened.device {
            let cookie = devices
                .unwrap_or(&DeviceTokens::default())
                .to_cookie_with(issued);
            self.cookies.know_device(database.name().clone(), cookie);
        }
        let absolute = opened.absolute_expires_at;
        self.issue_cookie(&opened.token, absolute, opened.is_on_shared_computer)
            .await?;
        self.cookies.log_in_to(database.name().clone());
        Ok(opened)
    }

    /// Gives the caller's session a new token if its time has come, and the request has not settled
    /// its cookie in another way.
    pub async fn rotate_token(&self) -> Result<(), ApiError> {
        let Ok(caller) = self.caller() else {
            return Ok(());
        };
        if self.cookies.is_session_settled() {
            return Ok(());
        }
        let token = self.core.rotate_token(caller).await?;
        self.take_token(caller, token).await
    }

    /// Puts the new token of the caller's session, if there is one, on the way to the cookie.
    pub(super) async fn take_token(
        &self,
        caller: &Caller,
        token: Option<SessionToken>,
    ) -> Result<(), ApiError> {
        let session = &caller.session;
        match token {
            Some(token) => {
                let absolute = session.absolute_expires_at;
                self.issue_cookie(&token, absolute, session.is_on_shared_computer)
                    .await
            }
            None => Ok(()),
        }
    }

    /// Ends the session if there is one, and takes the cookie back in any case.
    pub(crate) async fn log_out(&self) -> Result<(), ApiError> {
        match self.caller() {
            Ok(caller) => self.core.log_out(caller).await?,
            Err(ApiError::SignedOut) => {}
            Err(error) => return Err(error),
        }
        self.session.flush().await.map_err(internal)?;
        self.cookies.settle_session();
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

    /// The live session that this browser has in `database`, whichever database the request is about.
    async fn session_in(&self, database: &Database) -> Result<Option<SessionId>, ApiError> {
        let is_the_requests = |own: &Database| own.name() == database.name();
        let elsewhere;
        let resumed = match self.tokens.get(database.name()) {
            _ if self.database.as_ref().is_some_and(is_the_requests) => self.resumed.as_ref().ok(),
            Some(token) => {
                let core = &self.core;
                elsewhere = core
                    .resume_session(database, token, &self.client, Activity::Background)
                    .await?;
                Some(&elsewhere)
            }
            None => None,
        };
        Ok(match resumed {
            Some(Resumed::Live(caller)) => Some(caller.session.id),
            _ => None,
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
        token: &SessionToken,
        absolute_expires_at: Option<OffsetDateTime>,
        is_on_shared_computer: bool,
    ) -> Result<(), ApiError> {
        self.cookies.settle_session();
        self.session.flush().await.map_err(internal)?;
        self.session
            .insert(ISSUED_TOKEN, token.to_bytes())
            .await
            .map_err(internal)?;
        let cookie = self.core.settings().sessions.cookie;
        let expiry = match absolute_expires_at {
            _ if is_on_shared_computer || cookie == CookieLifetime::Browser => Expiry::OnSessionEnd,
            Some(end) => Expiry::OnInactivity((end - self.core.clock.now()).min(LONGEST_COOKIE)),
            None => Expiry::OnInactivity(LONGEST_COOKIE),
        };
        self.session.set_expiry(Some(expiry));
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
        Cause::LoginChanged => EndCause::LoginChanged,
        // Nothing is left of a deleted user's session that anybody could be told.
        Cause::Administrator | Cause::UserDeleted => EndCause::Administrator,
        Cause::UserDisabled => EndCause::UserDisabled,
        Cause::Limit => EndCause::Limit,
        Cause::Idle => EndCause::Idle,
        Cause::TooOld => EndCause::TooOld,
        Cause::TokenReused => EndCause::TokenReused,
        Cause::Restart => EndCause::Restart,
        Cause::DatabaseCopied => EndCause::DatabaseCopied,
    }
}
