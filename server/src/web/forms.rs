//! Answers forms that a browser posts without script: the browser is sent on to a page of Latchkey, which
//! shows the outcome of the form.
//!
//! leptos would send the browser back to its `Referer`, with the error in the address. But a browser may omit the
//! `Referer`, a stranger may choose it, and a link could show any error. Only a form of every page leads back there, to a path
//! of Latchkey without an error.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, Method, StatusCode, Uri, header};
use latchkey_app::{
    function::Form,
    posted::{ON_EVERY_PAGE, Outcome, Posted},
    registry::Registry,
    request::{NO_SESSION, Visitor},
    routes::{self, LOG_IN},
    wire::ApiError,
};

/// Largest body of a request, in bytes. Forms are small; a larger body is refused before it is read.
pub(super) const LARGEST_BODY: usize = 64 * 1024;

/// Longest value of the cookie, in bytes. Browsers accept 4,096 bytes of name, value and attributes (RFC
/// 6265, 6.1).
const LONGEST_COOKIE: usize = 3_500;

/// Longest part of a module's message that the cookie carries, in characters.
const LONGEST_MESSAGE: usize = 500;

/// Makes a server function answer with data, and turns that answer into a redirect if a form was posted
/// without script.
pub(super) async fn answer(
    State(registry): State<Arc<Registry>>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if !path.starts_with("/api/") {
        return next.run(request).await;
    }
    let is_post = request.method() == Method::POST;
    let form = is_post.then(|| registry.form(path)).flatten();
    request.headers_mut().remove(header::ACCEPT);
    let sender = request.headers_mut().remove(header::REFERER);
    let visitor = request.extensions().get::<Arc<Visitor>>().cloned();
    match (form, visitor) {
        (Some(form), Some(visitor)) if visitor.wants_page => {
            let sender = sender.filter(|_| form.is_on_every_page);
            let page = sender.and_then(|sender| own_page(&sender));
            let page = page.unwrap_or_else(|| form.page.to_owned());
            answer_form(&form, page, &visitor, request, next).await
        }
        _ => next.run(request).await,
    }
}

/// The path and query of a page's address, if the log-in page would lead there.
fn own_page(address: &HeaderValue) -> Option<String> {
    let address: Uri = address.to_str().ok()?.parse().ok()?;
    let path = address.path_and_query()?.as_str();
    Some(routes::landing(Some(path)).to_owned())
}

/// `page` is the page of the form.
async fn answer_form(
    form: &Form,
    page: String,
    visitor: &Visitor,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let id = form.one.and_then(|_| id_of_one(&body));
    let page = match (form.one, &id) {
        (Some(one), Some(id)) => [one, "?id=", id].concat(),
        _ => page,
    };
    let mut response = next
        .run(Request::from_parts(parts, Body::from(body.clone())))
        .await;
    let page = match response.extensions().get::<ApiError>() {
        Some(error) => {
            visitor.cookies.tell_posted(refused(form, error, &body));
            refused_page(page, visitor, &body)
        }
        None if response.status().is_success() => page,
        None => return response,
    };
    if let Some(id) = id.filter(|_| !response.headers().contains_key(header::LOCATION)) {
        visitor.cookies.tell_about(&id);
    }
    *response.body_mut() = Body::empty();
    *response.status_mut() = StatusCode::FOUND;
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::RETRY_AFTER);
    if !headers.contains_key(header::LOCATION)
        && let Ok(page) = HeaderValue::try_from(page)
    {
        headers.insert(header::LOCATION, page);
    }
    response
}

/// The id of the user, group or company that a form names; `None` if the form names none.
fn id_of_one(body: &Bytes) -> Option<String> {
    let (_, id) = fields(body).find(|(name, _)| name == "id")?;
    let is_id = !id.is_empty()
        && id
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    is_id.then_some(id)
}

/// The page that a refused form leads to: the form's own page. The log-in page keeps the path to continue at.
fn refused_page(page: String, visitor: &Visitor, body: &Bytes) -> String {
    if page != LOG_IN {
        return page;
    }
    let next = fields(body).find(|(name, _)| name == "next");
    let next = next.map(|(_, next)| next).unwrap_or_default();
    // If the browser keeps no cookies, the cookie with the outcome would be lost too, and the page could not
    // say why.
    if visitor.sent_cookie {
        routes::log_in_then(&next)
    } else {
        routes::check_cookie(NO_SESSION, &next)
    }
}

fn refused(form: &Form, error: &ApiError, body: &Bytes) -> Posted {
    if *error == ApiError::AnotherOwner {
        // The next page has the form of another owner.
        return Posted {
            function: ON_EVERY_PAGE.to_owned(),
            about: None,
            outcome: Outcome::Refused {
                error: error.clone(),
                fields: Vec::new(),
            },
        };
    }
    let kept = fields(body).filter(|(name, _)| form.kept.contains(&name.as_str()));
    let error = match error {
        ApiError::LogInDenied { message } => ApiError::LogInDenied {
            message: message.chars().take(LONGEST_MESSAGE).collect(),
        },
        other => other.clone(),
    };
    Posted {
        function: form.function.to_owned(),
        about: None,
        outcome: Outcome::Refused {
            error,
            fields: kept.collect(),
        },
    }
}

fn fields(body: &Bytes) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned()))
}

/// The value of the cookie that carries the outcome to the next page. If the typed text is too long for a
/// cookie, it is left out.
pub(super) fn to_cookie(posted: &Posted) -> Option<String> {
    let fits = |posted: &Posted| {
        let json = serde_json::to_vec(posted).ok()?;
        Some(URL_SAFE_NO_PAD.encode(json)).filter(|value| value.len() <= LONGEST_COOKIE)
    };
    fits(posted).or_else(|| match &posted.outcome {
        Outcome::Refused { error, .. } => fits(&Posted {
            function: posted.function.clone(),
            about: posted.about.clone(),
            outcome: Outcome::Refused {
                error: error.clone(),
                fields: Vec::new(),
            },
        }),
        Outcome::Done { .. }
        | Outcome::MadeCode { .. }
        | Outcome::MadeCodeForUser { .. }
        | Outcome::Typed { .. } => None,
    })
}

/// The outcome in the cookie.
pub(super) fn from_cookie(value: &str) -> Option<Posted> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(message: &str, login: &str) -> Posted {
        let registry = crate::web::registry().unwrap();
        let form = registry.form("/api/log_in").unwrap();
        let body = Bytes::from(format!("login={login}&password=secret&shared_computer=on"));
        let error = ApiError::LogInDenied {
            message: message.to_owned(),
        };
        refused(&form, &error, &body)
    }

    #[test]
    fn an_outcome_survives_its_cookie_without_the_password() {
        let told = posted("Not today.", "ada%40example.com");
        let cookie = to_cookie(&told).unwrap();
        assert_eq!(from_cookie(&cookie), Some(told.clone()));
        let Outcome::Refused { fields, .. } = told.outcome else {
            panic!("it was refused");
        };
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            fields,
            [
                field("login", "ada@example.com"),
                field("shared_computer", "on")
            ]
        );
    }

    #[test]
    fn a_cookie_is_never_longer_than_browsers_take() {
        for (message, login) in [
            ("x".repeat(10_000), "ada".to_owned()),
            ("\u{1f511}".repeat(10_000), "ada".to_owned()),
            ("x".to_owned(), "x".repeat(60_000)),
        ] {
            let cookie = to_cookie(&posted(&message, &login)).unwrap();
            assert!(cookie.len() <= LONGEST_COOKIE);
            assert!(from_cookie(&cookie).is_some());
        }
    }

    #[test]
    fn what_no_server_has_written_says_nothing() {
        for value in ["", "x", "e30", "bnVsbA", "AAAA"] {
            assert_eq!(from_cookie(value), None, "{value:?}");
        }
    }
}
