//! The guard decides which visitors may reach which paths. Every path is closed by default, so that a new page or
//! function is private until it is put on the public list.

use std::sync::Arc;

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use http::header;
use latchkey_app::{
    api::ApiError,
    posted::Form,
    request::{self, StepRoutes, Visitor},
    routes::{self, HOME, LOG_IN, NEW_PASSWORD, PUBLIC},
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
pub async fn admit(request: Request, next: Next) -> Response {
    let Some(visitor) = request.extensions().get::<Arc<Visitor>>().cloned() else {
        return ApiError::SignedOut.status().into_response();
    };
    let path = request.uri().path();
    match admission(path, standing(&visitor)) {
        Admission::Granted => next.run(request).await,
        Admission::Elsewhere(page) => Redirect::to(page).into_response(),
        Admission::LogInPage => show_log_in(&visitor, request, next).await,
        Admission::Landing => {
            let next = query_value(&request, "next");
            Redirect::to(routes::landing(next.as_deref())).into_response()
        }
        Admission::LogInFirst if is_function(path) && !visitor.wants_page => {
            refuse(&ApiError::SignedOut)
        }
        Admission::LogInFirst => Redirect::to(&log_in_page(&request)).into_response(),
        Admission::StepFirst(step) if is_function(path) && !visitor.wants_page => {
            refuse(&request::required(step))
        }
        Admission::StepFirst(step) => Redirect::to(StepRoutes::of(step).page).into_response(),
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

fn standing(visitor: &Visitor) -> Standing {
    match &visitor.resumed {
        Ok(Resumed::Live(_)) => Standing::Person,
        Ok(Resumed::Pending(pending)) => Standing::Pending(pending.step()),
        Ok(Resumed::Ended(_) | Resumed::Unknown) => Standing::Stranger,
        Err(_) => Standing::Unknown,
    }
}

fn admission(path: &str, standing: Standing) -> Admission {
    match standing {
        Standing::Person if path == LOG_IN => Admission::Landing,
        Standing::Person if path == NEW_PASSWORD => Admission::Elsewhere(HOME),
        Standing::Pending(step) if path == LOG_IN => {
            Admission::Elsewhere(StepRoutes::of(step).page)
        }
        Standing::Person | Standing::Unknown => Admission::Granted,
        Standing::Stranger if path == LOG_IN => Admission::LogInPage,
        _ if PUBLIC.contains(&path) => Admission::Granted,
        Standing::Pending(step) if StepRoutes::of(step).reach(path) => Admission::Granted,
        Standing::Pending(step) => Admission::StepFirst(step),
        Standing::Stranger => Admission::LogInFirst,
    }
}

/// The first value of `name` in the query.
fn query_value(request: &Request, name: &str) -> Option<String> {
    let query = request.uri().query().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, value) = pairs.find(|(key, _)| key == name)?;
    Some(value.into_owned())
}

fn is_function(path: &str) -> bool {
    path.starts_with("/api/")
}

/// The log-in page's address, which leads back to the requested page or to the page of the posted form.
fn log_in_page(request: &Request) -> String {
    let path = request.uri().path();
    if is_function(path) {
        let form = Form::of(path).map_or(HOME, |form| form.page);
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
    (
        error.status(),
        [(header::CONTENT_TYPE, "application/json")],
        body,
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_public_is_closed_to_strangers() {
        for path in [
            "/",
            "/profile",
            "/profile/devices",
            "/profile/x.css",
            "/nowhere",
            "/api/list_devices",
            "/api/x",
            "/login/",
            "/login/x",
        ] {
            assert_eq!(
                admission(path, Standing::Stranger),
                Admission::LogInFirst,
                "{path}"
            );
        }
        assert_eq!(
            admission("/login", Standing::Stranger),
            Admission::LogInPage
        );
        assert_eq!(
            admission("/databases", Standing::Stranger),
            Admission::Granted
        );
    }

    #[test]
    fn a_one_time_password_comes_before_everything() {
        let standing = Standing::Pending(Step::NewPassword);
        assert_eq!(
            admission("/", standing),
            Admission::StepFirst(Step::NewPassword)
        );
        assert_eq!(
            admission("/api/list_devices", standing),
            Admission::StepFirst(Step::NewPassword)
        );
        assert_eq!(
            admission("/api/change_password", standing),
            Admission::StepFirst(Step::NewPassword)
        );
        assert_eq!(
            admission("/api/set_new_password", standing),
            Admission::Granted
        );
        assert_eq!(admission("/api/log_out", standing), Admission::Granted);
        assert_eq!(
            admission("/login", standing),
            Admission::Elsewhere("/new-password")
        );
        assert_eq!(
            admission("/new-password", Standing::Person),
            Admission::Elsewhere("/")
        );
    }
}
