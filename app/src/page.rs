//! What every page shares: the session, whether script runs, and how its forms and errors behave.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::{
        ApiError,
        session::{CurrentSession, current_session},
    },
    browser, live,
    posted::Outcome,
    routes,
};

/// Who the visitor is, asked once for the frame and all pages.
pub type Session = Resource<Result<Option<CurrentSession>, ApiError>>;

/// Asks who the visitor is, for [`session`].
pub fn provide_session() -> Session {
    let session = Resource::new(|| (), |()| current_session());
    provide_context(session);
    session
}

/// Who the visitor is.
pub fn session() -> Session {
    use_context().unwrap_or_else(provide_session)
}

/// Whether the browser has taken the page over: what needs script shows only then.
pub fn hydrated() -> Signal<bool> {
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| hydrated.set(true));
    hydrated.into()
}

/// Why the last post of a form without script was refused. The page says so now and not again.
pub fn posted_error<S: ServerFn>() -> Option<ApiError> {
    match posted(S::PATH)? {
        Outcome::Refused { error, .. } => Some(error),
        Outcome::Done { .. } | Outcome::MadeCode { .. } => None,
    }
}

/// The error of a log-in whose browser keeps no cookie. The password may have been right.
#[cfg(feature = "ssr")]
pub fn missing_cookie() -> Option<ApiError> {
    let marker =
        leptos_router::hooks::use_query_map().with_untracked(|query| query.get(routes::COOKIE));
    let visitor = crate::request::Visitor::current().ok()?;
    visitor
        .lacks_cookie(marker.as_deref())
        .then_some(ApiError::NoCookie)
}

/// Only the server sees cookies.
#[cfg(not(feature = "ssr"))]
pub fn missing_cookie() -> Option<ApiError> {
    None
}

/// What was typed or chosen in a field when the form was refused.
pub fn posted_field<S: ServerFn>(name: &str) -> Option<String> {
    let Outcome::Refused { fields, .. } = posted(S::PATH)? else {
        return None;
    };
    let field = fields.into_iter().find(|(field, _)| field == name);
    field.map(|(_, value)| value)
}

/// How many sessions the last post of a form without script has ended, if it did what the form is for.
pub fn posted_done<S: ServerFn>() -> Option<u32> {
    match posted(S::PATH)? {
        Outcome::Done { ended_sessions } => Some(ended_sessions),
        Outcome::MadeCode { .. } | Outcome::Refused { .. } => None,
    }
}

/// The log-in code that the last post of a form without script has made.
pub fn posted_code<S: ServerFn>() -> Option<String> {
    match posted(S::PATH)? {
        Outcome::MadeCode { code } => Some(code),
        Outcome::Done { .. } | Outcome::Refused { .. } => None,
    }
}

#[cfg(feature = "ssr")]
fn posted(path: &str) -> Option<Outcome> {
    let visitor = crate::request::Visitor::current().ok()?;
    visitor.posted(path).cloned()
}

/// Only the server reads the cookie.
#[cfg(not(feature = "ssr"))]
fn posted(_path: &str) -> Option<Outcome> {
    None
}

/// The action of a form, and why its last post failed; before the first one, why the one without
/// script did.
pub fn form_action<S>(posted: Option<ApiError>) -> (ServerAction<S>, Signal<Option<ApiError>>)
where
    S: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    let action = ServerAction::new();
    // leptos gives the action on the server an error that the address brings. No link is believed.
    action.clear();
    let value = action.value();
    let error = Signal::derive(move || {
        value.with(|value| match value {
            Some(result) => result.as_ref().err().cloned(),
            None => posted.clone(),
        })
    });
    (action, error)
}

/// Leaves for the page that comes first, where the session has ended or waits for a new password.
/// Where only time has passed, the page is covered instead.
pub fn leave_if_locked_out(error: &ApiError) {
    match error {
        ApiError::SignedOut => live::check(),
        ApiError::NewPasswordRequired => browser::go(routes::NEW_PASSWORD),
        _ => {}
    }
}

/// The HTTP status of a page that has to say `error`, and when to try again.
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
