//! A person's activity as a file: CSV for a spreadsheet, JSON for a program.

use std::sync::Arc;

use axum::{
    Extension, Router,
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::header;
use latchkey_app::{
    api::ApiError,
    request::{ActivityRow, Visitor, internal},
    routes,
};

use super::router::WebState;

/// Pages in all but form: they pass the same guard.
pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route(routes::ACTIVITY_CSV, get(as_csv))
        .route(routes::ACTIVITY_JSON, get(as_json))
}

async fn as_csv(Extension(visitor): Extension<Arc<Visitor>>) -> Response {
    let rows = visitor.activity_rows().await;
    let body = rows.and_then(|rows| csv(&rows).map_err(internal));
    file(body, "text/csv; charset=utf-8", "activity.csv")
}

async fn as_json(Extension(visitor): Extension<Arc<Visitor>>) -> Response {
    let rows = visitor.activity_rows().await;
    let body = rows.and_then(|rows| serde_json::to_vec_pretty(&rows).map_err(internal));
    file(body, "application/json", "activity.json")
}

fn file(body: Result<Vec<u8>, ApiError>, kind: &'static str, name: &str) -> Response {
    match body {
        Ok(body) => {
            let disposition = format!("attachment; filename=\"{name}\"");
            let headers = [
                (header::CONTENT_TYPE, kind.to_owned()),
                (header::CONTENT_DISPOSITION, disposition),
            ];
            (headers, body).into_response()
        }
        Err(error) => error.status().into_response(),
    }
}

/// Every field quoted, as RFC 4180 writes it.
fn csv(rows: &[ActivityRow]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::Always)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record([
        "time",
        "event",
        "detail",
        "address",
        "browser",
        "platform",
        "user_agent",
    ])?;
    for row in rows {
        let optional = |field: &Option<String>| inert(field.as_deref().unwrap_or_default());
        writer.write_record([
            inert(&row.time),
            inert(row.event),
            inert(row.detail),
            optional(&row.address),
            optional(&row.browser),
            optional(&row.platform),
            optional(&row.user_agent),
        ])?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

/// A spreadsheet runs what begins like a formula, and strangers choose their user agent. An
/// apostrophe in front makes it text (<https://owasp.org/www-community/attacks/CSV_Injection>); the
/// full-width forms count for spreadsheets of East Asian languages.
fn inert(field: &str) -> String {
    let is_formula = field
        .trim_start_matches(' ')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if is_formula {
        format!("'{field}")
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_begins_like_a_formula() {
        for evil in [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1",
        ] {
            assert_eq!(inert(evil), format!("'{evil}"));
        }
        for harmless in ["", "Mozilla/5.0 (X11; =1)", "2001:db8::7"] {
            assert_eq!(inert(harmless), harmless);
        }
    }

    #[test]
    fn no_field_breaks_out_of_its_cell() {
        let row = ActivityRow {
            time: "2026-11-23T12:00:00Z".to_owned(),
            event: "log_in",
            detail: "wrong_password",
            address: None,
            browser: None,
            platform: None,
            user_agent: Some("a\",\"=cmd|' /C calc'!A0\r\n=1".to_owned()),
        };
        let text = String::from_utf8(csv(&[row]).unwrap()).unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let records: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), 1);
        assert_eq!(&records[0][6], "a\",\"=cmd|' /C calc'!A0\r\n=1");
        assert!(
            text.lines()
                .next()
                .unwrap()
                .starts_with("\"time\",\"event\"")
        );
    }
}
