//! What every page shares: the session, whether script runs, and how its forms and errors behave.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::{
        ApiError,
        session::{CurrentSession, LogIn, current_session},
    },
    browser, live, routes,
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

/// Why a form that was posted without script failed: the server reads it from the address, and
/// hands it to the form's island.
pub fn posted_error<S>() -> Option<ApiError>
where
    S: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    let value = ServerAction::<S>::new().value();
    let error = value.with_untracked(|value| value.as_ref()?.as_ref().err().cloned());
    // Whoever makes a link could have a page say anything by this one.
    error.filter(|error| S::PATH == LogIn::PATH || !matches!(error, ApiError::LogInDenied { .. }))
}

/// The action of a form, and why its last post failed; before the first one, why the one without
/// script did.
pub fn form_action<S>(posted: Option<ApiError>) -> (ServerAction<S>, Signal<Option<ApiError>>)
where
    S: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    let action = ServerAction::new();
    // On the server it would know the error already, in the browser it would not.
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

/// The HTTP status of a page that has to say `error`.
#[cfg(feature = "ssr")]
pub fn set_status_of(error: &ApiError) {
    use http::StatusCode;

    let status = match error {
        ApiError::NotFound | ApiError::UnknownDatabase => StatusCode::NOT_FOUND,
        ApiError::SignedOut => StatusCode::UNAUTHORIZED,
        ApiError::NewPasswordRequired => StatusCode::FORBIDDEN,
        ApiError::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
        ApiError::Unavailable | ApiError::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(status);
    }
}

/// Only the server's answer has a status.
#[cfg(not(feature = "ssr"))]
pub fn set_status_of(_error: &ApiError) {}
