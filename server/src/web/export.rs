//! Lists as files: CSV for a spreadsheet, JSON for a program.

mod activity;
mod audit;

use axum::{
    Router,
    response::{IntoResponse as _, Response},
};
use http::header;
use latchkey_app::{registry::Route, request::internal, wire::ApiError};
use serde::Serialize;

use super::state::WebState;

/// Characters that begin a formula. Spreadsheets of East Asian languages also take the full-width forms.
const FORMULA_STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A character that begins no formula, separates no cells and quotes nothing.
const INERT: char = '_';

/// U+FEFF, before the first line.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The paths of the files.
pub(super) fn paths() -> impl Iterator<Item = Route> {
    activity::ROUTES.into_iter().chain(audit::ROUTES)
}

/// The routes of the files. They pass the same guard as pages.
pub(super) fn routes() -> Router<WebState> {
    activity::routes().merge(audit::routes())
}

/// A row of a file.
trait Exported: Serialize {
    /// The heads of the columns. Programs rely on them: add to them, never rename.
    const HEADS: &'static [&'static str];

    /// The fields of the row, in the order of the heads.
    fn fields(&self) -> Vec<String>;
}

/// A file for a spreadsheet. `name` has no ending.
fn as_csv<R: Exported>(rows: Result<Vec<R>, ApiError>, name: Result<String, ApiError>) -> Response {
    let body = rows.and_then(|rows| csv(&rows).map_err(internal));
    file(body, name, "text/csv; charset=utf-8", "csv")
}

/// A file for a program. `name` has no ending.
fn as_json<R: Exported>(
    rows: Result<Vec<R>, ApiError>,
    name: Result<String, ApiError>,
) -> Response {
    let body = rows.and_then(|rows| serde_json::to_vec_pretty(&rows).map_err(internal));
    file(body, name, "application/json", "json")
}

fn file(
    body: Result<Vec<u8>, ApiError>,
    name: Result<String, ApiError>,
    kind: &'static str,
    ending: &str,
) -> Response {
    match body.and_then(|body| Ok((body, name?))) {
        Ok((body, name)) => {
            let headers = [
                (header::CONTENT_TYPE, kind.to_owned()),
                (header::CONTENT_DISPOSITION, attachment(&name, ending)),
            ];
            (headers, body).into_response()
        }
        Err(error) => error.status().into_response(),
    }
}

/// The header that names a file (RFC 6266): once in ASCII, and once in UTF-8, which browsers prefer. A login may have any
/// character; a letter, a digit or one of `.@_+-` stays, because every file system takes these.
fn attachment(name: &str, ending: &str) -> String {
    let keep = |kept: fn(&char) -> bool| -> String {
        let keep = |character: char| if kept(&character) { character } else { '_' };
        name.chars().map(keep).collect()
    };
    let plain = keep(|character| character.is_ascii_alphanumeric() || ".@_+-".contains(*character));
    let whole = keep(|character| character.is_alphanumeric() || ".@_+-".contains(*character));
    let whole = percent_encoded(&whole);
    format!("attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{whole}.{ending}")
}

/// A text as RFC 8187 has it in a header.
fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'.' | b'_' | b'+' | b'-' => char::from(byte).to_string(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// CSV by RFC 4180 with every field quoted. The byte order mark tells spreadsheets that the file is UTF-8.
/// Without it some read another encoding, in which the same bytes are other characters.
fn csv<R: Exported>(rows: &[R]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::Always)
        .terminator(csv::Terminator::CRLF)
        .from_writer(BYTE_ORDER_MARK.as_bytes().to_vec());
    writer.write_record(R::HEADS)?;
    for row in rows {
        writer.write_record(row.fields().iter().map(|field| inert(field)))?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

/// Makes a field harmless in a spreadsheet, which runs a cell that begins like a formula
/// (<https://owasp.org/www-community/attacks/CSV_Injection>). Strangers choose their user agent. The
/// characters that separate cells depend on the spreadsheet's locale and settings, but no letter or digit
/// does. So a character that begins a formula stays bare only directly after a letter or a digit; elsewhere
/// [`INERT`] goes before it.
fn inert(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut is_inside_a_word = false;
    for character in field.chars() {
        if FORMULA_STARTS.contains(&character) && !is_inside_a_word {
            text.push(INERT);
        }
        text.push(character);
        is_inside_a_word = character.is_alphanumeric();
    }
    text
}

#[cfg(test)]
mod tests {
    use latchkey_app::request::ActivityRow;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_begins_like_a_formula() {
        for (evil, harmless) in [
            ("=1+1", "_=1+1"),
            ("+1", "_+1"),
            (" -1", " _-1"),
            ("\t@SUM(A1)", "\t_@SUM(A1)"),
            ("\u{feff}=1", "\u{feff}_=1"),
            ("＝1", "_＝1"),
            ("x;=1", "x;_=1"),
            ("x'=1", "x'_=1"),
            ("x==1", "x=_=1"),
        ] {
            assert_eq!(inert(evil), harmless);
        }
        for harmless in [
            "",
            "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
            "2001:db8::7",
            "2026-11-23T12:00:00+01:00",
        ] {
            assert_eq!(inert(harmless), harmless);
        }
    }

    /// The cells that a spreadsheet reads from the file, for each way of splitting it.
    fn cells(file: &[u8]) -> Vec<String> {
        let mut cells = Vec::new();
        for delimiter in b",;\t|: '(&/" {
            for quote in [None, Some(b'"'), Some(b'\'')] {
                for escape in [None, Some(b'\\')] {
                    let mut reader = csv::ReaderBuilder::new()
                        .delimiter(*delimiter)
                        .quoting(quote.is_some())
                        .quote(quote.unwrap_or(b'"'))
                        .double_quote(escape.is_none())
                        .escape(escape)
                        .flexible(true)
                        .has_headers(false)
                        .from_reader(file);
                    for record in reader.byte_records() {
                        let record = record.unwrap();
                        let text = |cell| String::from_utf8_lossy(cell).into_owned();
                        cells.extend(record.iter().map(text));
                    }
                }
            }
        }
        cells
    }

    proptest! {
        #[test]
        fn no_reader_finds_a_formula(agent in r#"[=+@;,|:'"/\\(& \t\r\n\x{feff}＝＋－＠a1-]{0,40}"#) {
            let row = ActivityRow {
                time: "2026-11-23T12:00:00Z".to_owned(),
                event: "log_in",
                detail: "wrong_password",
                address: None,
                browser: None,
                platform: None,
                user_agent: Some(agent.clone()),
                device_name: Some(agent.clone()),
                place: None,
                ended_by: None,
            };
            for cell in cells(&csv(&[row]).unwrap()) {
                let shown = cell.trim_start_matches(|character: char| {
                    character.is_whitespace() || character == '\u{feff}'
                });
                prop_assert!(!shown.starts_with(FORMULA_STARTS), "{agent:?}: {cell:?}");
            }
        }
    }

    #[test]
    fn a_file_has_a_name_that_every_system_takes() {
        for (name, header) in [
            (
                "latchkey-acme-ada@example.com-2026-11-27",
                "attachment; filename=\"latchkey-acme-ada@example.com-2026-11-27.csv\"; \
                 filename*=UTF-8''latchkey-acme-ada%40example.com-2026-11-27.csv",
            ),
            (
                "jörg\"; x=/../\r\n",
                "attachment; filename=\"j_rg___x__..___.csv\"; \
                 filename*=UTF-8''j%C3%B6rg___x__..___.csv",
            ),
        ] {
            assert_eq!(attachment(name, "csv"), header);
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
            device_name: None,
            place: None,
            ended_by: None,
        };
        let text = String::from_utf8(csv(&[row]).unwrap()).unwrap();
        assert!(text.starts_with("\u{feff}\"time\",\"event\""));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let records: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), 1);
        assert_eq!(&records[0][6], "a\",\"_=cmd|' /C calc'!A0\r\n_=1");
    }
}
