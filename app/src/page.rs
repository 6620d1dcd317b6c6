//! What every page shares: the session, whether script runs, and how its forms and errors behave.

use leptos::{
    prelude::*,
    server_fn::{ServerFn, error::FromServerFnError},
};
use leptos_router::hooks::use_query_map;

use crate::{
    api::{
        ApiError,
        session::{CurrentSession, current_session},
    },
    browser, routes,
};

/// Who the visitor is, asked once for the frame and all pages.
pub type Session = Resource<Result<Option<CurrentSession>, ApiError>>;

/// Whether the browser has taken the page over.
#[derive(Clone, Copy)]
struct Hydrated(RwSignal<bool>);

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

/// The signal behind [`hydrated`]: whoever mounts the product sets it.
pub fn provide_hydrated() -> RwSignal<bool> {
    let hydrated = RwSignal::new(false);
    provide_context(Hydrated(hydrated));
    hydrated
}

/// Whether the browser has taken the page over: what needs script shows only then.
pub fn hydrated() -> Signal<bool> {
    use_context::<Hydrated>()
        .map_or_else(|| Signal::stored(false), |Hydrated(signal)| signal.into())
}

/// The action of a form. After a post without script the address carries its error.
pub fn form_action<S>() -> ServerAction<S>
where
    S: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    let action = ServerAction::new();
    // The router keeps the error of the first address for all later pages.
    if use_query_map().with_untracked(|query| query.get_str("__err").is_none()) {
        action.clear();
    }
    action
}

/// The error of a form's last post, if it failed.
pub fn error_of<S>(action: ServerAction<S>) -> Signal<Option<ApiError>>
where
    S: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
    ApiError: FromServerFnError,
{
    let value = action.value();
    Signal::derive(move || value.with(|value| value.as_ref()?.as_ref().err().cloned()))
}

/// Leaves for the page that comes first, where the session has ended or waits for a new password.
pub fn leave_if_locked_out(error: &ApiError) {
    match error {
        ApiError::SignedOut => browser::go(&routes::log_in_then(&browser::here())),
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
