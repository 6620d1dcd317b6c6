//! The visitor of a request, for server functions and pages.
//!
//! The server puts a [`Visitor`] into every request that passes the guard. Server functions get the caller from the
//! visitor, and tell the visitor which cookies change.

mod activity;
mod address;
mod audit;
mod company;
mod cookie_check;
mod cookies;
mod debug;
mod device;
mod error;
mod group;
mod home;
mod language;
mod log_in;
mod moment;
mod policy;
mod preferences;
mod profile;
mod remembered;
mod rule;
mod steps;
mod user;

use std::{collections::HashMap, sync::Arc, time::Duration};

use http::{HeaderMap, header, request::Parts};
use latchkey_core::{
    Core, StoreError,
    access::{Resource, Verb},
    account::OtherSessions,
    client::Client,
    database::{Database, DatabaseName, DatabaseNames, OpenDatabaseError},
    device::DeviceTokens,
    session::{
        Activity, Bearer, Caller, Computer, Confirmed, ExpiryRule, Resumed, SessionToken, Step,
    },
    settings::Listed,
    user::Password,
};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use server_fn::ServerFn;
use tokio::sync::OnceCell;

pub use activity::ActivityRow;
pub use audit::AuditRow;
pub(crate) use company::TypedCompany;
pub use cookie_check::NO_SESSION;
pub use cookies::{Changes, CookieChanges, PostedChange, SessionChange};
pub use error::internal;
pub(crate) use log_in::Typed;
pub(crate) use policy::TypedPolicy;
pub(crate) use preferences::TypedPreferences;
pub use preferences::zone;
pub use remembered::{Remembered, RememberedLanguage};
pub(crate) use rule::TypedRule;
pub use steps::required;

use crate::{
    posted::{Outcome, Posted},
    text::Language,
    wire::{
        ApiError, PasswordProblem,
        database::DatabaseChoice,
        session::{CurrentSession, TimeLeft},
    },
};

/// The administrator's help for people who have forgotten their password.
#[derive(Clone, Debug, Default)]
pub struct Help {
    /// Plain text; empty lines separate paragraphs. Empty if the administrator wrote none.
    pub text: String,
    /// A link to a page, a mailbox or a telephone.
    pub url: Option<String>,
}

/// The sender of a request: a stranger, or a person with a live session.
pub struct Visitor {
    /// The core.
    pub core: Core,
    /// The host name of the request, without the port.
    pub host: String,
    /// The browser.
    pub client: Client,
    /// The name of the database that was chosen last, from the cookie. There may be no database of this name.
    pub chosen: Option<DatabaseName>,
    /// The first name of a database in the cookies. There may be no database of this name.
    pub named: Option<DatabaseName>,
    /// The database of the request, if it is settled.
    pub database: Option<Database>,
    /// The result of looking up the session cookie; an error if PostgreSQL did not answer.
    pub resumed: Result<Resumed, StoreError>,
    /// The tokens in the browser's device cookies, by database.
    pub devices: HashMap<DatabaseName, DeviceTokens>,
    /// The tokens in the browser's session cookies, by database, unverified.
    pub tokens: HashMap<DatabaseName, SessionToken>,
    /// The session's values. A stranger's session has no values and cannot keep any.
    pub session: tower_sessions::Session,
    /// The changes of the browser's cookies.
    pub cookies: CookieChanges,
    /// The owner of the page that sends the request, if the page says so: see [`Visitor::page_owner`].
    pub sent_by: Option<String>,
    /// Whether the browser wants a page, not data, as for a form posted without JavaScript.
    pub wants_page: bool,
    /// Whether a person sends the request, or an open page by itself.
    pub activity: Activity,
    /// Whether the browser sent any of the server's cookies.
    pub sent_cookie: bool,
    /// The outcome of the last form that this browser posted without JavaScript.
    pub posted: Option<Posted>,
    /// The languages of this server.
    pub languages: &'static [Language],
    /// The administrator's help for people who cannot log in.
    pub help: Arc<Help>,
    /// What the browser's cookies remember of a person's preferences.
    pub remembered: Remembered,
    /// The databases that this host may see, looked up once.
    pub visible: OnceCell<DatabaseNames>,
}

impl Visitor {
    /// The visitor of the current request.
    pub fn current() -> Result<Arc<Self>, ApiError> {
        let parts = use_context::<Parts>();
        let visitor = parts.and_then(|parts| parts.extensions.get::<Arc<Self>>().cloned());
        visitor.ok_or_else(|| internal("a request without a visitor"))
    }

    /// The person who is logged in. If the log-in waits for a step, the error names the step.
    pub fn caller(&self) -> Result<&Caller, ApiError> {
        match &self.resumed {
            Ok(Resumed::Live(caller)) => Ok(caller),
            Ok(Resumed::Pending(pending)) => Err(required(pending.step())),
            Ok(Resumed::Ended(_) | Resumed::Unknown) => Err(ApiError::LoggedOut),
            Err(error) => Err(error.clone().into()),
        }
    }

    /// Whether the visitor is a person who lacks a right.
    pub fn lacks(&self, verb: Verb, resource: Resource) -> bool {
        self.caller()
            .is_ok_and(|caller| !caller.rights.may(verb, resource))
    }

    /// The caller, who has a right. A page asks here again, because a function that a page calls does not pass the guard.
    pub(crate) fn caller_with(&self, verb: Verb, resource: Resource) -> Result<&Caller, ApiError> {
        let caller = self.caller()?;
        if self.lacks(verb, resource) {
            return Err(ApiError::NoAccess);
        }
        Ok(caller)
    }

    /// The bearer of a live session, whether or not the log-in is finished.
    pub fn bearer(&self) -> Result<&Bearer, ApiError> {
        match &self.resumed {
            Ok(Resumed::Pending(pending)) => Ok(pending),
            _ => self.caller().map(|caller| &**caller),
        }
    }

    /// The owner of the pages that the visitor sees: the database and the user. Each page names its owner in its forms and
    /// requests, because the browser may log in elsewhere while the page is open. `None` for strangers.
    pub fn page_owner(&self) -> Option<String> {
        let bearer = self.bearer().ok()?;
        let database = bearer.database.name();
        Some(format!("{}/{}", database.as_str(), bearer.user.id))
    }

    /// Whether the request comes from a page that another user, or a user of another database, has opened.
    pub fn is_sent_by_another(&self) -> bool {
        let owners = self.sent_by.as_ref().zip(self.page_owner());
        owners.is_some_and(|(page, own)| *page != own)
    }

    /// The step that the log-in waits for.
    pub fn step(&self) -> Option<Step> {
        match &self.resumed {
            Ok(Resumed::Pending(pending)) => Some(pending.step()),
            _ => None,
        }
    }

    /// Whether the browser wants a page, not data: `Accept` names `text/html` (RFC 9110, 12.5.1).
    pub fn wants_page(headers: &HeaderMap) -> bool {
        let lines = headers.get_all(header::ACCEPT).iter();
        lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
            .any(is_html)
    }

    /// The visitor's session, for the frame of every page.
    pub(crate) fn current_session(&self) -> Result<Option<CurrentSession>, ApiError> {
        let bearer = match self.bearer() {
            Ok(bearer) => bearer,
            Err(ApiError::LoggedOut) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some(CurrentSession {
            login: bearer.user.login.clone(),
            name: bearer.user.name.clone(),
            database: bearer.database.name().to_string(),
            logged_in_at: self.moment(bearer.session.created_at),
            left: self.time_left(bearer),
            computer: bearer.session.computer,
            new_password_required: self.step() == Some(Step::NewPassword),
            can_switch_database: self.core.databases.listed() == Listed::No
                || self.core.databases.has_choice(&self.host),
        }))
    }

    fn time_left(&self, bearer: &Bearer) -> TimeLeft {
        let session = &bearer.session;
        let milliseconds =
            |duration: Duration| u32::try_from(duration.as_millis()).unwrap_or(u32::MAX);
        let left = session.expiry.at - self.core.clock.now();
        let warning = bearer.settings.warning_on(session.computer);
        TimeLeft {
            milliseconds: milliseconds(left.try_into().unwrap_or(Duration::ZERO)),
            warning: milliseconds(warning),
            can_be_extended: session.expiry.rule == ExpiryRule::Idle,
        }
    }

    /// The seconds without activity after which a session on a shared computer ends.
    pub(crate) fn shared_timeout(&self) -> u32 {
        let settings = &self.core.settings().sessions;
        let timeout = settings.idle_timeout_on(Computer::Shared).as_secs();
        timeout.try_into().unwrap_or(u32::MAX)
    }

    /// The choice of databases at log-in.
    pub(crate) async fn database_choice(&self) -> Result<DatabaseChoice, ApiError> {
        let names = self.visible_databases().await?;
        let chosen = self
            .database
            .as_ref()
            .map(|database| database.name().to_string());
        Ok(match (names.len(), self.core.databases.listed()) {
            (0, Listed::Yes) => DatabaseChoice::Missing,
            (1, _) => DatabaseChoice::Settled,
            (_, Listed::Yes) => DatabaseChoice::Listed {
                names: names.iter().map(ToString::to_string).collect(),
                chosen,
            },
            // The typed name, not the name of a database that was found: the page must not confirm a hidden name.
            (_, Listed::No) => DatabaseChoice::Typed {
                chosen: self.chosen.as_ref().map(ToString::to_string),
            },
        })
    }

    /// Opens a database by its typed or chosen name. The error does not tell an unknown, a foreign and a broken
    /// database apart.
    pub(crate) async fn open_database(&self, typed: &str) -> Result<Database, ApiError> {
        let name: DatabaseName = typed
            .trim()
            .parse()
            .map_err(|_invalid| ApiError::UnknownDatabase)?;
        let opened = self.core.databases.open(&name, &self.host).await;
        self.opened(&name, opened)
    }

    fn opened(
        &self,
        name: &DatabaseName,
        opened: Result<Database, OpenDatabaseError>,
    ) -> Result<Database, ApiError> {
        opened.map_err(|error| match error {
            OpenDatabaseError::Unknown => ApiError::UnknownDatabase,
            OpenDatabaseError::Broken(error) => {
                self.core.databases.tell_broken(name, &error);
                ApiError::UnknownDatabase
            }
            OpenDatabaseError::Store(error) => error.into(),
        })
    }

    /// Remembers the chosen database in a cookie. If names are hidden, any well-formed name is accepted.
    pub(crate) async fn choose_database(&self, typed: &str) -> Result<(), ApiError> {
        let name = match self.core.databases.listed() {
            Listed::Yes => self.open_database(typed).await?.name().clone(),
            Listed::No => typed
                .trim()
                .parse()
                .map_err(|_invalid| ApiError::UnknownDatabase)?,
        };
        self.cookies.choose(name);
        Ok(())
    }

    /// Changes the caller's password, and returns the number of other sessions that ended.
    pub(crate) async fn change_password(
        &self,
        current: String,
        new: String,
        repeated: &str,
        others: OtherSessions,
    ) -> Result<u32, ApiError> {
        let caller = self.caller()?;
        repeated_exactly(&new, repeated)?;
        let (current, new) = (Password::new(current), Password::new(new));
        let change = self
            .core
            .passwords
            .change(caller, &current, &new, others)
            .await?;
        self.take_token(caller, change.token);
        Ok(change.ended_sessions)
    }

    /// The caller, whose identity was confirmed recently or is confirmed now by the password.
    pub(crate) async fn confirmed(
        &self,
        password: Option<String>,
    ) -> Result<Confirmed<'_>, ApiError> {
        let caller = self.caller()?;
        let Some(password) = password.filter(|password| !password.is_empty()) else {
            return Ok(self.core.sessions.confirmed(caller)?);
        };
        let confirmation = self
            .core
            .passwords
            .confirm(caller, &Password::new(password))
            .await?;
        self.take_token(caller, confirmation.token);
        Ok(confirmation.confirmed)
    }

    /// Replaces the caller's one-time password.
    pub(crate) async fn replace_one_time_password(
        &self,
        new: String,
        repeated: &str,
    ) -> Result<(), ApiError> {
        let Ok(Resumed::Pending(pending)) = &self.resumed else {
            return Err(self.caller().err().unwrap_or(ApiError::NotFound));
        };
        repeated_exactly(&new, repeated)?;
        let change = self
            .core
            .passwords
            .replace_one_time(pending, &Password::new(new))
            .await?;
        self.take_token(pending, change.token);
        Ok(())
    }

    /// Redirects the browser to `path` after a form posted without JavaScript. A hydrated page navigates by itself.
    pub(crate) fn redirect_form(&self, path: &str) {
        let (Some(response), Ok(path)) = (
            use_context::<ResponseOptions>(),
            header::HeaderValue::try_from(path),
        ) else {
            return;
        };
        if self.wants_page {
            response.insert_header(header::LOCATION, path);
        }
    }

    /// Lets the page of a form posted without JavaScript say that the action was done.
    pub(crate) fn form_done<S: ServerFn>(&self, ended_sessions: u32) {
        self.tell_form::<S>(Outcome::Done { ended_sessions });
    }

    /// Makes a log-in code for the caller. The page of a form posted without JavaScript shows the code.
    pub(crate) async fn make_log_in_code<S: ServerFn>(
        &self,
        password: String,
    ) -> Result<String, ApiError> {
        let confirmed = self.confirmed(Some(password)).await?;
        let code = self.core.log_in_codes.make(confirmed).await?.to_shown();
        self.tell_form::<S>(Outcome::MadeCode {
            code: code.clone(),
            login: None,
        });
        Ok(code)
    }

    /// Keeps what was typed into the form of `S`, for a page that another form of that page leads to. Fields without text are
    /// not kept.
    pub(crate) fn keep_typed<S: ServerFn>(&self, typed: Vec<(&str, Option<String>)>) {
        let fields = typed.into_iter().filter_map(|(name, value)| {
            let value = value.filter(|value| !value.is_empty())?;
            Some((name.to_owned(), value))
        });
        let fields: Vec<_> = fields.collect();
        if !fields.is_empty() {
            self.tell_form::<S>(Outcome::Typed { fields });
        }
    }

    pub(super) fn tell_form<S: ServerFn>(&self, outcome: Outcome) {
        if self.wants_page {
            self.cookies.tell_posted(Posted {
                function: S::PATH.to_owned(),
                about: None,
                outcome,
            });
        }
    }

    /// The outcome of the last post to `function` without JavaScript, on the page about `id`. It is shown once, and then
    /// forgotten.
    pub(crate) fn posted(&self, function: &str, id: Option<&str>) -> Option<&Outcome> {
        let posted = self.posted.as_ref()?;
        if posted.function != function || (posted.about.is_some() && posted.about.as_deref() != id)
        {
            return None;
        }
        self.cookies.forget_posted();
        Some(&posted.outcome)
    }

    async fn visible_databases(&self) -> Result<&[DatabaseName], StoreError> {
        let names = self
            .visible
            .get_or_try_init(|| self.core.databases.visible(&self.host))
            .await?;
        Ok(names)
    }
}

/// Whether an entry of `Accept` is `text/html` with a weight above zero.
fn is_html(entry: &str) -> bool {
    let mut parts = entry.split(';').map(|part| part.trim_matches([' ', '\t']));
    let is_html = parts
        .next()
        .is_some_and(|range| range.eq_ignore_ascii_case("text/html"));
    let is_refused = |part: &str| {
        let weight = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
        weight.is_some_and(|weight| weight.bytes().all(|byte| matches!(byte, b'0' | b'.')))
    };
    is_html && !parts.any(is_refused)
}

/// Tells the browser to clear its storage for this origin, except cookies (OWASP ASVS 14.3.1).
fn clear_browser_storage() {
    if let Some(response) = use_context::<ResponseOptions>() {
        let name = header::HeaderName::from_static("clear-site-data");
        response.insert_header(name, header::HeaderValue::from_static("\"storage\""));
    }
}

fn repeated_exactly(new: &str, repeated: &str) -> Result<(), ApiError> {
    if new == repeated {
        Ok(())
    } else {
        Err(ApiError::NewPassword(PasswordProblem::NotRepeated))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_wanted_where_accept_names_html() {
        let wants = |line: &str| {
            let mut headers = HeaderMap::new();
            let line = header::HeaderValue::from_bytes(line.as_bytes());
            headers.insert(header::ACCEPT, line.unwrap());
            Visitor::wants_page(&headers)
        };
        for page in [
            "text/html",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "application/json, Text/HTML;q=0.1",
            "*/*,\ttext/html ; level=1",
        ] {
            assert!(wants(page), "{page:?}");
        }
        for data in [
            "",
            "*/*",
            "application/json",
            "text/htmlx",
            "application/text/html",
            "text/html;q=0",
            "text/html; q=0.000",
            "\u{2000}text/html",
        ] {
            assert!(!wants(data), "{data:?}");
        }
    }
}
