//! The guard decides which visitors may reach which paths, by the audience that each page and function declares. A
//! path that is not in the registry is closed to strangers.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use http::header;
use latchkey_app::{
    audience::Audience,
    registry::Registry,
    request::{self, Visitor},
    routes::{self, HOME, LOG_IN},
    wire::ApiError,
};
use latchkey_core::session::{Resumed, Step};

/// The guard's decision about a request.
#[derive(Debug, PartialEq, Eq)]
enum Admission {
    /// The request goes on.
    Granted,
    /// The page is for other visitors. The visitor is redirected to this page.
    Elsewhere(&'static str),
    /// The visitor is logged in already, and is redirected to the page that would follow the log-in.
    Landing,
    /// The request is for the log-in page, perhaps to check whether the browser keeps cookies.
    LogInPage,
    /// The path needs a session.
    LogInFirst,
    /// The path stays closed until the visitor takes this step of the log-in.
    StepFirst(Step),
}

/// The visitor's relation to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Stranger,
    Pending(Step),
    Person,
    /// PostgreSQL did not answer. Pages say so, and functions fail.
    Unknown,
}

/// Passes the request on, or answers it.
pub async fn admit(
    State(registry): State<Arc<Registry>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(visitor) = request.extensions().get::<Arc<Visitor>>().cloned() else {
        return ApiError::LoggedOut.status().into_response();
    };
    let path = request.uri().path();
    let audience = registry.audience(path);
    match admission(path, audience, standing(&visitor)) {
        // What is for anyone does the same for every visitor.
        Admission::Granted
            if audience != Some(Audience::Anyone) && visitor.is_sent_by_another() =>
        {
            refuse(&ApiError::AnotherOwner)
        }
        // In the place of a page, the document says so.
        Admission::Granted if lacks_right(&visitor, audience) && is_function(path) => {
            refuse(&ApiError::NoAccess)
        }
        Admission::Granted => next.run(request).await,
        Admission::Elsewhere(page) => Redirect::to(page).into_response(),
        Admission::LogInPage => show_log_in(&visitor, request, next).await,
        Admission::Landing => {
            let next = query_value(&request, "next");
            Redirect::to(routes::landing(next.as_deref())).into_response()
        }
        Admission::LogInFirst if is_function(path) && !visitor.wants_page => {
            refuse(&ApiError::LoggedOut)
        }
        Admission::LogInFirst => Redirect::to(&log_in_page(&registry, &request)).into_response(),
        Admission::StepFirst(step) if is_function(path) && !visitor.wants_page => {
            refuse(&request::required(step))
        }
        Admission::StepFirst(step) => Redirect::to(routes::of_step(step)).into_response(),
    }
}

/// Shows the log-in page. After a log-in, the address of this page names the new session, to check whether the browser
/// keeps cookies. A browser with a cookie is redirected to the page that it wanted. For a browser without a cookie, the
/// new session ends, and the page says why.
async fn show_log_in(visitor: &Visitor, request: Request, next: Next) -> Response {
    let Some(marker) = query_value(&request, routes::COOKIE) else {
        return next.run(request).await;
    };
    if visitor.sent_cookie {
        let path = query_value(&request, "next").unwrap_or_default();
        return Redirect::to(&routes::log_in_then(&path)).into_response();
    }
    visitor.end_unkept_session(&marker).await;
    next.run(request).await
}

/// Whether the path is for people with a right that the visitor, who is logged in, does not have.
fn lacks_right(visitor: &Visitor, audience: Option<Audience>) -> bool {
    match audience {
        Some(Audience::Right(verb, resource)) => visitor.lacks(verb, resource),
        _ => false,
    }
}

fn standing(visitor: &Visitor) -> Standing {
    match &visitor.resumed {
        Ok(Resumed::Live(_)) => Standing::Person,
        Ok(Resumed::Pending(pending)) => Standing::Pending(pending.step()),
        Ok(Resumed::Ended(_) | Resumed::Unknown) => Standing::Stranger,
        Err(_) => Standing::Unknown,
    }
}

fn admission(path: &str, audience: Option<Audience>, standing: Standing) -> Admission {
    match (standing, audience) {
        (Standing::Person, _) if path == LOG_IN => Admission::Landing,
        (Standing::Person, Some(Audience::Step(_))) if !is_function(path) => {
            Admission::Elsewhere(HOME)
        }
        (Standing::Person | Standing::Unknown, _) => Admission::Granted,
        (Standing::Stranger, _) if path == LOG_IN => Admission::LogInPage,
        (Standing::Pending(step), _) if path == LOG_IN => {
            Admission::Elsewhere(routes::of_step(step))
        }
        (_, Some(Audience::Anyone)) | (Standing::Pending(_), Some(Audience::Bearer)) => {
            Admission::Granted
        }
        (Standing::Pending(step), Some(Audience::Step(of))) if step == of => Admission::Granted,
        (Standing::Pending(step), _) => Admission::StepFirst(step),
        (Standing::Stranger, _) => Admission::LogInFirst,
    }
}

/// The first value of `name` in the query.
pub(super) fn query_value(request: &Request, name: &str) -> Option<String> {
    routes::parameter(request.uri().query(), name)
}

pub(super) fn is_function(path: &str) -> bool {
    path.starts_with("/api/")
}

/// The log-in page's address, which leads back to the requested page or to the page of the posted form.
fn log_in_page(registry: &Registry, request: &Request) -> String {
    let path = request.uri().path();
    if is_function(path) {
        let form = registry.form(path).map_or(HOME, |form| form.page);
        return routes::log_in_then(form);
    }
    let path = request
        .uri()
        .path_and_query()
        .map_or(HOME, http::uri::PathAndQuery::as_str);
    routes::log_in_then(path)
}

/// The answer with this error, in the form in which a server function answers.
pub(super) fn refuse(error: &ApiError) -> Response {
    let body = serde_json::to_string(error).unwrap_or_default();
    let mut response = (
        error.status(),
        [(header::CONTENT_TYPE, "application/json")],
        body,
    )
        .into_response();
    // If a form was posted without script, the next page shows the error.
    response.extensions_mut().insert(error.clone());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked_by(standing: Standing) -> impl Fn(&str) -> Admission {
        let registry = crate::web::registry().unwrap();
        move |path| admission(path, registry.audience(path), standing)
    }

    #[test]
    fn what_is_not_for_anyone_is_closed_to_strangers() {
        let admission = asked_by(Standing::Stranger);
        for path in [
            "/",
            "/profile",
            "/profile/devices",
            "/profile/x.css",
            "/nowhere",
            "/new-password",
            "/api/list_devices",
            "/api/password_minimum",
            "/api/session_events",
            "/api/x",
            "/login/",
            "/login/x",
        ] {
            assert_eq!(admission(path), Admission::LogInFirst, "{path}");
        }
        assert_eq!(admission("/login"), Admission::LogInPage);
        assert_eq!(admission("/databases"), Admission::Granted);
    }

    #[test]
    fn a_one_time_password_comes_before_everything() {
        let admission = asked_by(Standing::Pending(Step::NewPassword));
        for path in ["/", "/nowhere", "/api/list_devices", "/api/change_password"] {
            let expected = Admission::StepFirst(Step::NewPassword);
            assert_eq!(admission(path), expected, "{path}");
        }
        for path in [
            "/new-password",
            "/databases",
            "/api/password_minimum",
            "/api/set_new_password",
            "/api/session_events",
            "/api/log_out",
        ] {
            assert_eq!(admission(path), Admission::Granted, "{path}");
        }
        let expected = Admission::Elsewhere("/new-password");
        assert_eq!(admission("/login"), expected);
    }

    #[test]
    fn people_reach_everything_but_the_pages_of_a_log_in() {
        let admission = asked_by(Standing::Person);
        assert_eq!(admission("/login"), Admission::Landing);
        assert_eq!(admission("/new-password"), Admission::Elsewhere("/"));
        for path in ["/", "/nowhere", "/databases", "/api/password_minimum"] {
            assert_eq!(admission(path), Admission::Granted, "{path}");
        }
    }
}
