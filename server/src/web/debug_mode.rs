//! Debug mode: `?debug=` in the address of a page, and the SQL statements of a page.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use latchkey_app::{
    STATEMENTS_ROWS, STATEMENTS_SUM,
    registry::Registry,
    request::Visitor,
    routes::{self, DEBUG},
};
use latchkey_core::session::{Activity, DebugMode};

use super::{session_events, visit::is_html};
use crate::statements::{self, Statement, Statements};

/// The header that browsers show beside the time of a request (<https://www.w3.org/TR/server-timing/>).
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Changes the mode as the address of a page asks, if the person may, and leads to the same address without the parameter. In debug
/// mode this writes the statements of the request into its page, and their time into a header.
pub(super) async fn apply(
    State(registry): State<Arc<Registry>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(visitor) = request.extensions().get::<Arc<Visitor>>().cloned() else {
        return next.run(request).await;
    };
    if let Some(mode) = asked(&request, &registry)
        && visitor.may_use_debug_mode()
        // After an error the page opens as usual, and says what there is to say.
        && visitor.set_debug_mode(mode).await.is_ok()
    {
        return without_parameter(request.uri());
    }
    if !visitor.debug_mode().is_on() {
        return next.run(request).await;
    }
    let (response, statements) = statements::collect(next.run(request)).await;
    with_statements(response, &statements).await
}

/// The mode that the address of a page asks for; `None` if the address asks for no mode.
fn asked(request: &Request, registry: &Registry) -> Option<DebugMode> {
    let uri = request.uri();
    let word = routes::parameter(uri.query(), DEBUG)?;
    // Redirects lead only to paths of pages. A path such as `//name` would lead to another server.
    let is_page = registry.pages().iter().any(|page| page.path == uri.path());
    let is_asked = request.method() == Method::GET && is_page && is_by_person(request);
    is_asked.then_some(match &*word {
        "" => DebugMode::Off,
        other => other.parse().ok()?,
    })
}

/// Whether a person opens the page: no link on another site, no page that the browser fetches in advance, no page that refreshes
/// itself.
fn is_by_person(request: &Request) -> bool {
    let says = |name: &str, word: &str| {
        let value = request.headers().get(name);
        value.is_some_and(|value| value.to_str().is_ok_and(|value| value.contains(word)))
    };
    !says("sec-fetch-site", "cross-site")
        && !says("sec-purpose", "prefetch")
        && session_events::activity(request) == Activity::Person
}

fn without_parameter(uri: &Uri) -> Response {
    let pairs = uri.query().unwrap_or_default().split('&');
    // The name may be written with percent signs.
    let is_other = |pair: &&str| routes::parameter(Some(pair), DEBUG).is_none();
    let others = pairs.filter(is_other);
    let others: Vec<_> = others.collect();
    let mut address = uri.path().to_owned();
    if !others.is_empty() {
        address.extend(["?", &others.join("&")]);
    }
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(address) = HeaderValue::try_from(address) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    response
}

async fn with_statements(response: Response, statements: &Statements) -> Response {
    // Also a page about an error.
    let has_page = is_html(&response);
    let (mut head, body) = response.into_parts();
    let (count, time) = (statements.count, milliseconds(statements.elapsed));
    let timing = format!("sql;dur={time};desc=\"{count} SQL\"");
    if let Ok(timing) = HeaderValue::try_from(timing) {
        head.headers.insert(SERVER_TIMING, timing);
    }
    if !has_page {
        return Response::from_parts(head, body);
    }
    let page = to_bytes(body, usize::MAX).await;
    let page = page.map_err(anyhow::Error::from);
    match page.and_then(|page| Ok(String::from_utf8(page.into())?)) {
        Ok(page) => {
            let page = page.replacen(STATEMENTS_SUM, &format!("({count} · {time} ms)"), 1);
            let page = page.replacen(STATEMENTS_ROWS, &rows(&statements.first), 1);
            head.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(head, Body::from(page))
        }
        Err(error) => {
            tracing::error!(%error, "a page in debug mode could not be completed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn rows(statements: &[Statement]) -> String {
    let mut rows = String::new();
    for Statement {
        sql,
        elapsed,
        rows: count,
    } in statements
    {
        let (time, sql) = (milliseconds(*elapsed), escaped(&outdented(sql)));
        let _ = write!(
            rows,
            "<tr><td>{time}</td><td>{count}</td><td><pre><code>{sql}</code></pre></td></tr>"
        );
    }
    rows
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1e3)
}

/// The text without the indentation that all its lines after the first have.
fn outdented(sql: &str) -> String {
    let rest = sql.lines().skip(1).filter(|line| !line.trim().is_empty());
    let common = rest.map(|line| line.len() - line.trim_start().len()).min();
    let common = common.unwrap_or_default();
    let lines = sql.lines().enumerate().map(|(number, line)| match number {
        0 => line,
        _ => line.get(common..).unwrap_or_default(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(from: &str) -> String {
        let response = without_parameter(&from.parse().unwrap());
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        response.headers()[header::LOCATION]
            .to_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn only_the_parameter_leaves_the_address() {
        assert_eq!(address("/?debug=1"), "/");
        assert_eq!(address("/?debug"), "/");
        assert_eq!(address("/?%64eb%75g=1&%64=2"), "/?%64=2");
        assert_eq!(
            address("/a?x=%C3%A9+1&debug=assets&debugger=2&y"),
            "/a?x=%C3%A9+1&debugger=2&y"
        );
    }

    #[test]
    fn a_statement_is_shown_as_it_is_written() {
        let statement = Statement {
            sql: "select a\n        from b\n            where a < $1 -- x & y".to_owned(),
            elapsed: Duration::from_micros(1_234),
            rows: 7,
        };
        assert_eq!(
            rows(&[statement]),
            "<tr><td>1.23</td><td>7</td><td><pre><code>select a\nfrom b\n    where a &lt; $1 -- x &amp; y</code></pre></td></tr>"
        );
    }
}
