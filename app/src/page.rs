//! Shared parts of every page: the session, whether script runs, and the behaviour of forms and errors.

pub mod debug;

use std::time::Duration;

use leptos::{ev::SubmitEvent, prelude::*, server_fn::ServerFn};
use serde::de::DeserializeOwned;

use crate::{
    api::session::current_session,
    audience::Audience,
    browser, live,
    posted::Outcome,
    routes,
    wire::{
        ApiError, Wait, company::CompanyChoice, device::DeviceCard, profile::LanguageChoice,
        session::CurrentSession,
    },
};

/// The visitor's session, requested once for the frame and all pages.
pub type Session = Resource<Result<Option<CurrentSession>, ApiError>>;

/// Requests the visitor's session, for [`session`].
pub fn provide_session() -> Session {
    let session = Resource::new(|| (), |()| current_session());
    provide_context(session);
    session
}

/// The visitor's session.
pub fn session() -> Session {
    use_context().unwrap_or_else(provide_session)
}

/// Whether the browser has hydrated the page. Elements that need script appear only then.
pub fn hydrated() -> Signal<bool> {
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| hydrated.set(true));
    hydrated.into()
}

/// The path of the page.
#[cfg(feature = "ssr")]
pub fn path() -> String {
    use_context::<http::request::Parts>()
        .map_or_else(String::new, |parts| parts.uri.path().to_owned())
}

/// Only the server renders what asks for the path.
#[cfg(not(feature = "ssr"))]
pub fn path() -> String {
    String::new()
}

/// The address that a form of the page is posted to. It names the owner of the page, so that the server refuses the form
/// if the browser has logged in elsewhere meanwhile.
#[cfg(feature = "ssr")]
pub fn form_address(path: &str) -> String {
    let visitor = crate::request::Visitor::current().ok();
    match visitor.and_then(|visitor| visitor.page_owner()) {
        Some(owner) => [path, "?", routes::OWNER, "=", &owner].concat(),
        None => path.to_owned(),
    }
}

/// A script that posts the form names the owner itself.
#[cfg(not(feature = "ssr"))]
pub fn form_address(path: &str) -> String {
    path.to_owned()
}

/// The error of a form that did nothing because its page had another owner than this page.
#[cfg(feature = "ssr")]
pub fn owner_error() -> Option<ApiError> {
    match posted(crate::posted::ON_EVERY_PAGE)? {
        Outcome::Refused { error, .. } => Some(error),
        Outcome::Done { .. }
        | Outcome::MadeCode { .. }
        | Outcome::MadeCodeForUser { .. }
        | Outcome::Typed { .. } => None,
    }
}

/// Only the server reads the cookie.
#[cfg(not(feature = "ssr"))]
pub fn owner_error() -> Option<ApiError> {
    None
}

/// The value of a parameter in the address of the page.
#[cfg(feature = "ssr")]
pub fn query(name: &str) -> Option<String> {
    let parts = use_context::<http::request::Parts>()?;
    routes::parameter(parts.uri.query(), name)
}

/// Only the server renders what asks for a parameter.
#[cfg(not(feature = "ssr"))]
pub fn query(_name: &str) -> Option<String> {
    None
}

/// All values of a parameter in the address of the page, with commas between them.
#[cfg(feature = "ssr")]
pub fn queries(name: &str) -> Option<String> {
    let parts = use_context::<http::request::Parts>()?;
    let values: Vec<_> = routes::parameters(parts.uri.query(), name).collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// Only the server renders what asks for a parameter.
#[cfg(not(feature = "ssr"))]
pub fn queries(_name: &str) -> Option<String> {
    None
}

/// The administrator's help for people who have forgotten their password: the paragraphs of a text, and a link.
#[cfg(feature = "ssr")]
pub fn help() -> (Vec<String>, Option<String>) {
    let Ok(visitor) = crate::request::Visitor::current() else {
        return (Vec::new(), None);
    };
    let paragraphs = visitor.help.text.split("\n\n").map(str::trim);
    let paragraphs = paragraphs.filter(|paragraph| !paragraph.is_empty());
    (
        paragraphs.map(str::to_owned).collect(),
        visitor.help.url.clone(),
    )
}

/// Only the server knows the settings.
#[cfg(not(feature = "ssr"))]
pub fn help() -> (Vec<String>, Option<String>) {
    (Vec::new(), None)
}

/// The languages of this server, for people who have not chosen a language for the account.
#[cfg(feature = "ssr")]
pub fn languages() -> Vec<LanguageChoice> {
    let visitor = crate::request::Visitor::current();
    visitor.map_or_else(|_| Vec::new(), |visitor| visitor.languages_before_log_in())
}

/// Only the server renders the choice of languages.
#[cfg(not(feature = "ssr"))]
pub fn languages() -> Vec<LanguageChoice> {
    Vec::new()
}

/// The person's sessions on new devices, if this session may acknowledge the devices. A failure of the server is told by
/// the page itself.
#[cfg(feature = "ssr")]
pub async fn new_log_ins() -> Vec<DeviceCard> {
    let listed = async {
        let visitor = crate::request::Visitor::current()?;
        let new = visitor.core.sessions.list_new(visitor.caller()?).await?;
        Ok::<_, ApiError>(visitor.device_cards(new))
    };
    listed.await.unwrap_or_default()
}

/// Only the server renders the frame.
#[cfg(not(feature = "ssr"))]
pub fn new_log_ins() -> std::future::Ready<Vec<DeviceCard>> {
    std::future::ready(Vec::new())
}

/// The error of the last form that was posted without script. The page shows it only once.
pub fn posted_error<S: ServerFn>() -> Option<ApiError> {
    match posted(S::PATH)? {
        Outcome::Refused { error, .. } => Some(error),
        Outcome::Done { .. }
        | Outcome::MadeCode { .. }
        | Outcome::MadeCodeForUser { .. }
        | Outcome::Typed { .. } => None,
    }
}

/// The error of a log-in whose browser keeps no cookie. The password may have been right.
#[cfg(feature = "ssr")]
pub fn missing_cookie() -> Option<ApiError> {
    let marker = query(routes::COOKIE);
    let visitor = crate::request::Visitor::current().ok()?;
    visitor
        .lacks_cookie(marker.as_deref())
        .then_some(ApiError::NoCookie)
}

/// The seconds without activity after which a session on a shared computer ends.
#[cfg(feature = "ssr")]
pub fn shared_timeout() -> u32 {
    let visitor = crate::request::Visitor::current();
    visitor.map_or(0, |visitor| visitor.shared_timeout())
}

/// The companies that the person may choose from. A failure of the server is told by the page itself.
#[cfg(feature = "ssr")]
pub async fn companies() -> Vec<CompanyChoice> {
    let Ok(visitor) = crate::request::Visitor::current() else {
        return Vec::new();
    };
    visitor.company_choices().await.unwrap_or_default()
}

/// Only the server renders the frame.
#[cfg(not(feature = "ssr"))]
pub fn companies() -> std::future::Ready<Vec<CompanyChoice>> {
    std::future::ready(Vec::new())
}

/// The address of the logo of the company that the session works for.
#[cfg(feature = "ssr")]
pub fn logo() -> Option<String> {
    crate::request::Visitor::current().ok()?.logo()
}

/// Only the server renders the frame.
#[cfg(not(feature = "ssr"))]
pub fn logo() -> Option<String> {
    None
}

/// Whether the session has lost a company that it worked for. The page tells it once.
#[cfg(feature = "ssr")]
pub fn has_lost_company() -> bool {
    crate::request::Visitor::current().is_ok_and(|visitor| visitor.has_lost_company())
}

/// Only the server renders the frame.
#[cfg(not(feature = "ssr"))]
pub fn has_lost_company() -> bool {
    false
}

/// Whether the person has the right that a page asks for, if it asks for one.
#[cfg(feature = "ssr")]
pub fn is_open(audience: Audience) -> bool {
    match audience {
        Audience::Right(verb, resource) => {
            let visitor = crate::request::Visitor::current();
            visitor.is_ok_and(|visitor| !visitor.lacks(verb, resource))
        }
        _ => true,
    }
}

/// Only the server knows the rights.
#[cfg(not(feature = "ssr"))]
pub fn is_open(_audience: Audience) -> bool {
    false
}

/// Whether the visitor's identity was confirmed recently, so that no form needs the password.
#[cfg(feature = "ssr")]
pub fn is_confirmed() -> bool {
    let visitor = crate::request::Visitor::current();
    visitor.is_ok_and(|visitor| {
        let caller = visitor.caller();
        caller.is_ok_and(|caller| visitor.core.sessions.confirmed(caller).is_ok())
    })
}

/// Only the server knows the session.
#[cfg(not(feature = "ssr"))]
pub fn is_confirmed() -> bool {
    false
}

/// Whether this browser has session cookies of several databases. A session may have ended meanwhile.
#[cfg(feature = "ssr")]
pub fn has_several_databases() -> bool {
    crate::request::Visitor::current().is_ok_and(|visitor| visitor.tokens.len() > 1)
}

/// Only the server sees the cookies.
#[cfg(not(feature = "ssr"))]
pub fn has_several_databases() -> bool {
    false
}

/// Only the server knows the settings.
#[cfg(not(feature = "ssr"))]
pub fn shared_timeout() -> u32 {
    0
}

/// Only the server sees the cookies.
#[cfg(not(feature = "ssr"))]
pub fn missing_cookie() -> Option<ApiError> {
    None
}

/// The value of a field when the form was refused, or when another form took the browser away.
pub fn posted_field<S: ServerFn>(name: &str) -> Option<String> {
    let (Outcome::Refused { fields, .. } | Outcome::Typed { fields }) = posted(S::PATH)? else {
        return None;
    };
    let field = fields.into_iter().find(|(field, _)| field == name);
    field.map(|(_, value)| value)
}

/// All values of a field when the form was refused; `None` if the form was not refused, or if what was typed is lost. The form
/// keeps another field, too, which is never empty.
pub fn posted_fields<S: ServerFn>(name: &str) -> Option<Vec<String>> {
    let Outcome::Refused { fields, .. } = posted(S::PATH)? else {
        return None;
    };
    // A cookie that became too long has lost all fields.
    if fields.is_empty() {
        return None;
    }
    let values = fields.into_iter().filter(|(field, _)| field == name);
    Some(values.map(|(_, value)| value).collect())
}

/// The number of sessions that the last form posted without script has ended, if the form succeeded.
pub fn posted_done<S: ServerFn>() -> Option<u32> {
    match posted(S::PATH)? {
        Outcome::Done { ended_sessions } => Some(ended_sessions),
        Outcome::MadeCode { .. }
        | Outcome::MadeCodeForUser { .. }
        | Outcome::Typed { .. }
        | Outcome::Refused { .. } => None,
    }
}

/// The log-in code that the last form posted without script has created.
pub fn posted_code<S: ServerFn>() -> Option<String> {
    match posted(S::PATH)? {
        Outcome::MadeCode { code, .. } => Some(code),
        _ => None,
    }
}

/// The log-in code for another user that the last form posted without script has created.
pub fn posted_code_for_user<S: ServerFn>() -> Option<String> {
    match posted(S::PATH)? {
        Outcome::MadeCodeForUser { code } => Some(code),
        _ => None,
    }
}

/// The login of the user whom the last form posted without script has added, and the user's one-time password.
pub fn posted_user<S: ServerFn>() -> Option<(String, String)> {
    match posted(S::PATH)? {
        Outcome::MadeCode { code, login } => Some((login?, code)),
        _ => None,
    }
}

#[cfg(feature = "ssr")]
fn posted(path: &str) -> Option<Outcome> {
    let visitor = crate::request::Visitor::current().ok()?;
    visitor.posted(path, query("id").as_deref()).cloned()
}

/// Only the server reads the cookie.
#[cfg(not(feature = "ssr"))]
fn posted(_path: &str) -> Option<Outcome> {
    None
}

/// The action of a form: the browser posts its fields to the server function `S`. A handle.
///
/// The framework's `ServerAction` would also take an error from the page's address, which a link could forge. The
/// framework's `Action` reads the fields into `S` and writes them again, which makes every page larger
/// (docs/performance.md).
pub struct FormAction<S: ServerFn> {
    is_pending: RwSignal<bool>,
    value: RwSignal<Option<Result<S::Output, ApiError>>>,
}

impl<S: ServerFn> Copy for FormAction<S> {}

impl<S: ServerFn> Clone for FormAction<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> FormAction<S>
where
    S: ServerFn<Error = ApiError>,
    S::Output: DeserializeOwned + Clone + Send + Sync + 'static,
{
    /// The action of a form that is not sent yet.
    pub fn new() -> Self {
        Self {
            is_pending: RwSignal::new(false),
            value: RwSignal::new(None),
        }
    }

    /// Whether the form waits for an answer.
    pub fn pending(self) -> Signal<bool> {
        self.is_pending.into()
    }

    /// The last answer.
    pub fn value(self) -> ReadSignal<Option<Result<S::Output, ApiError>>> {
        self.value.read_only()
    }

    /// Forgets the last answer.
    pub fn clear(self) {
        self.value.set(None);
    }

    /// Posts the fields of the form that is being submitted.
    pub fn submit(self, event: &SubmitEvent) {
        let answered = move |answer| {
            // Another page may have come meanwhile.
            let _ = self.value.try_set(Some(ApiError::read(answer)));
            let _ = self.is_pending.try_set(false);
        };
        if browser::post(event, S::PATH, Box::new(answered)) {
            self.is_pending.set(true);
        }
    }
}

/// The action of a form, and the error of its last post. Before the first post it is the error of the form
/// that was posted without script.
pub fn form_action<S>(posted: Option<ApiError>) -> (FormAction<S>, Signal<Option<ApiError>>)
where
    S: ServerFn<Error = ApiError> + 'static,
    S::Output: DeserializeOwned + Clone + Send + Sync + 'static,
{
    let action = FormAction::<S>::new();
    let value = action.value();
    let error = Signal::derive(move || {
        value.with(|value| match value {
            Some(result) => result.as_ref().err().cloned(),
            None => posted.clone(),
        })
    });
    (action, error)
}

/// Whether login and password do not match. The signal tells again of each answer that says so.
pub fn are_credentials_wrong(error: Signal<Option<ApiError>>) -> Signal<bool> {
    Signal::derive(move || {
        error.with(|error| matches!(error, Some(ApiError::WrongCredentials { .. })))
    })
}

/// Whether the person has typed a log-in code that was not accepted.
pub fn is_code_refused(error: Signal<Option<ApiError>>) -> Signal<bool> {
    Signal::derive(move || {
        error.with(|error| {
            matches!(
                error,
                Some(ApiError::TooManyAttempts {
                    is_code_refused: true,
                    ..
                })
            )
        })
    })
}

/// The wait that failed log-ins have caused, or will cause.
pub fn wait(error: Signal<Option<ApiError>>) -> Signal<Option<Wait>> {
    Signal::derive(move || match error.get() {
        Some(ApiError::WrongCredentials { wait }) => wait,
        Some(ApiError::TooManyAttempts {
            retry_after_seconds,
            ..
        }) => Some(Wait::Now(retry_after_seconds)),
        _ => None,
    })
}

/// The seconds until the form may be sent again; `None` if it need not wait. They fall to 0.
pub fn seconds_to_wait(error: Signal<Option<ApiError>>) -> Signal<Option<u32>> {
    let wait = wait(error);
    let seconds = RwSignal::new(None);
    Effect::new(move |_| {
        let Some(Wait::Now(from)) = wait.get() else {
            return seconds.set(None);
        };
        let end = browser::now() + f64::from(from) * 1000.0;
        let tick = move || seconds.set(Some(seconds_until(end)));
        tick();
        if let Ok(interval) = set_interval_with_handle(tick, Duration::from_millis(250)) {
            on_cleanup(move || interval.clear());
        }
    });
    Memo::new(move |_| seconds.get()).into()
}

/// The seconds until a time of the browser's clock, rounded up, so that 0 means that the time is over.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversion saturates"
)]
fn seconds_until(end: f64) -> u32 {
    ((end - browser::now()) / 1000.0).ceil() as u32
}

/// Leaves the page if the session has ended or needs a new password. If the session has only expired, the
/// page is covered instead.
pub fn leave_if_locked_out(error: &ApiError) {
    match error {
        ApiError::LoggedOut => live::check(),
        ApiError::NewPasswordRequired => browser::go(routes::NEW_PASSWORD),
        _ => {}
    }
}

/// Sets the HTTP status of a page that shows `error`, and when to try again.
#[cfg(feature = "ssr")]
pub fn set_status_of(error: &ApiError) {
    let Some(response) = use_context::<leptos_axum::ResponseOptions>() else {
        return;
    };
    response.set_status(error.status());
    if let Some(seconds) = error.retry_after_seconds() {
        response.insert_header(http::header::RETRY_AFTER, seconds.into());
    }
}

/// Only the server's answer has a status.
#[cfg(not(feature = "ssr"))]
pub fn set_status_of(_error: &ApiError) {}
