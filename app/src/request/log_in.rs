//! Logging in and out. The core opens and ends sessions; this file sets the cookies.

use std::collections::BTreeMap;

use latchkey_core::{
    StoreError,
    attempt::TypedCode,
    database::{Database, DatabaseName},
    device::{DeviceTokens, RememberDevice},
    log_in::LogInAttempt,
    log_in::UnknownDatabase,
    session::{Activity, Bearer, Computer, Resumed, SessionId, SessionToken, Step, TokenHash},
    settings::{CookieLifetime, Listed},
    user::Password,
};
use time::OffsetDateTime;

use super::{SessionChange, Visitor, clear_browser_storage, moment::seconds};
use crate::{
    text::text,
    wire::{
        ApiError,
        session::{End, EndNotice},
    },
    wording::{self, EndedSession},
};

/// The most other databases that one request looks for sessions in. It bounds the work of a request with invented
/// cookies.
const MOST_DATABASES: usize = 20;

/// The longest time for which browsers keep a cookie (RFC 6265bis).
const LONGEST_COOKIE: time::Duration = time::Duration::days(400);

/// The target of a log-in.
enum Door {
    Open(Database),
    /// A name of no database, where names are hidden. The answer must not reveal that there is none.
    Hidden(Option<DatabaseName>),
}

/// The input of the log-in form.
pub(crate) struct Typed {
    pub database: Option<String>,
    pub login: String,
    pub password: String,
    pub computer: Computer,
    pub code: Option<String>,
}

/// A log-in that has succeeded.
pub(crate) struct LoggedIn {
    /// The database that the session is in.
    pub database: DatabaseName,
    /// The hash of the session's token.
    pub token: TokenHash,
    /// The step that the person takes before anything else.
    pub step: Option<Step>,
}

impl Visitor {
    /// Logs a person in, and puts the new session's token into the cookie of the answer.
    pub(crate) async fn log_in(&self, typed: Typed) -> Result<LoggedIn, ApiError> {
        let has_code = !matches!(TypedCode::of(typed.code.as_deref()), TypedCode::None);
        let logged_in = self.try_to_log_in(typed).await;
        logged_in.map_err(|error| match error {
            // An attempt with a right code passes, unless the code or its network is held back, too.
            ApiError::TooManyAttempts {
                retry_after_seconds,
                ..
            } => ApiError::TooManyAttempts {
                retry_after_seconds,
                is_code_refused: has_code,
            },
            error => error,
        })
    }

    async fn try_to_log_in(&self, typed: Typed) -> Result<LoggedIn, ApiError> {
        let mut attempt = LogInAttempt {
            login: typed.login,
            password: Password::new(typed.password),
            client: self.client.clone(),
            language: text().code().parse().unwrap_or_default(),
            computer: typed.computer,
            replaces: None,
            devices: Vec::new(),
            remember_device: if typed.computer.is_shared() {
                RememberDevice::No
            } else {
                RememberDevice::Yes
            },
            code: TypedCode::of(typed.code.as_deref()),
        };
        let database = match self.door(typed.database).await? {
            Door::Open(database) => database,
            Door::Hidden(name) => return Err(self.log_in_at_unknown_database(name, attempt).await),
        };
        attempt.replaces = self.session_in(&database).await?;
        let devices = self.devices.get(database.name());
        attempt.devices = devices.map(DeviceTokens::hashes).unwrap_or_default();
        let opened = self.core.log_in.attempt(&database, attempt).await?;
        if let Some(issued) = &opened.device {
            let cookie = devices
                .unwrap_or(&DeviceTokens::default())
                .to_cookie_with(issued);
            self.cookies
                .remember_device_token(database.name().clone(), cookie);
        }
        let logged_in = LoggedIn {
            database: database.name().clone(),
            token: opened.token.hash(),
            step: opened.step,
        };
        self.cookies.choose(database.name().clone());
        self.issue_cookie(
            &database,
            opened.token,
            self.core.clock.now(),
            opened.computer,
        );
        Ok(logged_in)
    }

    /// Replaces the token of the bearer's session if that is due, unless the request has changed the session cookie
    /// already.
    pub async fn rotate_token(&self) -> Result<(), ApiError> {
        let Ok(bearer) = self.bearer() else {
            return Ok(());
        };
        if self.cookies.is_session_changed() {
            return Ok(());
        }
        let token = self.core.sessions.rotate_token(bearer).await?;
        self.take_token(bearer, token);
        Ok(())
    }

    /// Puts the new token of the bearer's session, if there is one, into the cookie of the answer.
    pub(super) fn take_token(&self, bearer: &Bearer, token: Option<SessionToken>) {
        let session = &bearer.session;
        if let Some(token) = token {
            self.issue_cookie(
                &bearer.database,
                token,
                session.created_at,
                session.computer,
            );
        }
    }

    /// Ends the session in the request's database, if there is one, and removes its cookie in any case.
    pub(crate) async fn log_out(&self) -> Result<(), ApiError> {
        match self.bearer() {
            Ok(bearer) => self.core.sessions.log_out(bearer).await?,
            Err(ApiError::LoggedOut) => {}
            Err(error) => return Err(error),
        }
        self.cookies.change_session(SessionChange::Remove);
        clear_browser_storage();
        Ok(())
    }

    /// Ends the sessions that this browser has in other databases of this host, and removes their cookies in any case.
    /// Returns the number of ended sessions.
    pub(crate) async fn log_out_elsewhere(&self) -> Result<u32, ApiError> {
        let mut ended = 0;
        for (name, token) in self.tokens_elsewhere() {
            let resumed = self.resume_elsewhere(name, token).await?;
            if let Some(bearer) = resumed.bearer() {
                self.core.sessions.log_out(bearer).await?;
                ended += 1;
            }
            self.cookies.leave(name.clone());
        }
        Ok(ended)
    }

    /// The databases of this host that this browser is logged in to, and who is logged in there. Empty where names are
    /// hidden.
    pub(crate) async fn log_ins(&self) -> Result<BTreeMap<String, String>, ApiError> {
        let mut people = BTreeMap::new();
        if self.core.databases.listed() == Listed::No {
            return Ok(people);
        }
        let mut add = |bearer: &Bearer| {
            let user = &bearer.user;
            let person = if user.name.trim().is_empty() {
                &user.login
            } else {
                &user.name
            };
            people.insert(bearer.database.name().to_string(), person.clone());
        };
        if let Ok(bearer) = self.bearer() {
            add(bearer);
        }
        for (name, token) in self.tokens_elsewhere() {
            if let Some(bearer) = self.resume_elsewhere(name, token).await?.bearer() {
                add(bearer);
            }
        }
        Ok(people)
    }

    /// The tokens of other databases than the request's. Where names are hidden, the named database counts as the
    /// request's, whether or not it exists.
    fn tokens_elsewhere(&self) -> impl Iterator<Item = (&DatabaseName, &SessionToken)> {
        let own = self.database.as_ref().map(Database::name);
        let own = own.or(self.named.as_ref());
        let elsewhere = self
            .tokens
            .iter()
            .filter(move |(name, _)| Some(*name) != own);
        elsewhere.take(MOST_DATABASES)
    }

    /// Looks up the session that this browser has in another database. Where names are hidden, a name of no database
    /// costs as much.
    async fn resume_elsewhere(
        &self,
        name: &DatabaseName,
        token: &SessionToken,
    ) -> Result<Resumed, ApiError> {
        let sessions = &self.core.sessions;
        let opened = if self.visible_databases().await?.contains(name) {
            let opened = self.core.databases.open_any(name).await;
            self.opened(name, opened)
        } else {
            Err(ApiError::UnknownDatabase)
        };
        match opened {
            Ok(database) => Ok(sessions
                .resume(&database, token, &self.client, Activity::Background)
                .await?),
            Err(ApiError::UnknownDatabase) => {
                if self.core.databases.listed() == Listed::No {
                    sessions.resume_in_no_database().await?;
                }
                Ok(Resumed::Unknown)
            }
            Err(error) => Err(error),
        }
    }

    /// The notice about the end of the cookie's session.
    pub(crate) fn end_notice(&self) -> Option<EndNotice> {
        let Ok(Resumed::Ended(ended)) = &self.resumed else {
            return None;
        };
        let at = self.moment(ended.at);
        let told = EndedSession {
            end: End {
                cause: ended.cause,
                by: ended
                    .by
                    .as_ref()
                    .map(|agent| self.device_title(agent, None)),
            },
            when: &at.phrase,
            timeout: seconds(ended.timeout),
            most_devices: ended.most_of_user.try_into().unwrap_or(u32::MAX),
        };
        Some(EndNotice {
            cause: ended.cause,
            words: wording::end_notice(text(), &told),
            at,
        })
    }

    /// The live session that this browser has in `database`, which need not be the database of the request.
    async fn session_in(&self, database: &Database) -> Result<Option<SessionId>, ApiError> {
        let is_the_requests = |own: &Database| own.name() == database.name();
        let elsewhere;
        let resumed = match self.tokens.get(database.name()) {
            _ if self.database.as_ref().is_some_and(is_the_requests) => self.resumed.as_ref().ok(),
            Some(token) => {
                let core = &self.core;
                elsewhere = core
                    .sessions
                    .resume(database, token, &self.client, Activity::Background)
                    .await?;
                Some(&elsewhere)
            }
            None => None,
        };
        let bearer = resumed.and_then(Resumed::bearer);
        Ok(bearer.map(|bearer| bearer.session.id))
    }

    /// The database to log in to: the database in the form, or else the settled one.
    async fn door(&self, typed: Option<String>) -> Result<Door, ApiError> {
        let listed = self.core.databases.listed();
        match (typed.filter(|name| !name.trim().is_empty()), &self.resumed) {
            (Some(name), _) if listed == Listed::No => self.hidden_door(&name).await,
            (Some(name), _) => Ok(Door::Open(self.open_database(&name).await?)),
            (None, Err(fault)) => Err(fault.clone().into()),
            (None, Ok(_)) => match (&self.database, listed) {
                (Some(database), _) => Ok(Door::Open(database.clone())),
                (None, Listed::No) => Ok(Door::Hidden(self.named.clone())),
                (None, Listed::Yes) => Err(ApiError::UnknownDatabase),
            },
        }
    }

    /// The target of a log-in where names are hidden. The name is looked up in the list of visible databases, which
    /// costs the same for a name of no database.
    async fn hidden_door(&self, typed: &str) -> Result<Door, ApiError> {
        let Ok(name) = typed.trim().parse() else {
            return Ok(Door::Hidden(None));
        };
        if !self.visible_databases().await?.contains(&name) {
            return Ok(Door::Hidden(Some(name)));
        }
        // The list holds only databases that the host may see. A second check would take time that a name of no
        // database does not take.
        let opened = self.core.databases.open_any(&name).await;
        match self.opened(&name, opened) {
            Ok(database) => Ok(Door::Open(database)),
            Err(ApiError::UnknownDatabase) => Ok(Door::Hidden(Some(name))),
            Err(error) => Err(error),
        }
    }

    /// Refuses a log-in at a name of no database. The same rows are looked up and counted as in a database, so that a
    /// guesser cannot find out which names exist.
    async fn log_in_at_unknown_database(
        &self,
        name: Option<DatabaseName>,
        mut attempt: LogInAttempt,
    ) -> ApiError {
        let visible = match self.as_if_in(name.as_ref()).await {
            Ok(visible) => visible,
            Err(error) => return error.into(),
        };
        let devices = name.as_ref().and_then(|name| self.devices.get(name));
        attempt.devices = devices.map(DeviceTokens::hashes).unwrap_or_default();
        let name = name.as_ref();
        let unknown = UnknownDatabase { name, visible };
        self.core
            .log_in
            .attempt_at_unknown_database(unknown, &attempt)
            .await
            .into()
    }

    /// Runs as many statements as [`Self::session_in`]. Returns the visible databases.
    async fn as_if_in(&self, name: Option<&DatabaseName>) -> Result<&[DatabaseName], StoreError> {
        let is_looked_up = self.named.as_ref() == name;
        if let Some(name) = name
            && !is_looked_up
            && self.tokens.contains_key(name)
        {
            self.core.sessions.resume_in_no_database().await?;
        }
        self.visible_databases().await
    }

    /// Puts a new token into the session cookie of `database`, regardless of the token that the request brought. The cookie of a session
    /// that was opened at `created_at` lasts for as long as the configuration file permits: a policy may be deleted meanwhile, and the
    /// server ends the session in any case.
    fn issue_cookie(
        &self,
        database: &Database,
        token: SessionToken,
        created_at: OffsetDateTime,
        computer: Computer,
    ) {
        let settings = &self.core.settings().sessions;
        let max_age = if computer.is_shared() || settings.cookie == CookieLifetime::Browser {
            None
        } else {
            let left = settings
                .absolute_timeout
                .map(|timeout| created_at + timeout);
            let left = left.map(|end| end - self.core.clock.now());
            Some(left.map_or(LONGEST_COOKIE, |left| left.min(LONGEST_COOKIE)))
        };
        self.cookies.change_session(SessionChange::Issue {
            database: database.name().clone(),
            token,
            max_age,
        });
    }
}
