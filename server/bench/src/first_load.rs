//! The bytes that a new browser transfers for the log-in page.

use std::{collections::BTreeSet, path::Path};

use anyhow::Result;
use http::header;

use crate::{
    client::{Ask, Connection},
    report::{Bound, Report},
    stage::Stage,
};

pub async fn measure(stage: &Stage, report: &mut Report) -> Result<()> {
    let mut connection = Connection::open(&stage.address).await?;
    let page = Ask::page("/login")?.with(header::ACCEPT_ENCODING, "identity");
    let page = connection.send(&page).await?;
    let files = referred(&String::from_utf8_lossy(&page.body));
    let (mut total, mut wasm) = (0, 0);
    for path in ["/login".to_owned()].into_iter().chain(files) {
        let ask = Ask::page(&path)?.with(header::ACCEPT_ENCODING, "br");
        let size = u32::try_from(connection.send(&ask).await?.body.len())?;
        eprintln!("  {path}: {size} bytes");
        total += size;
        if Path::new(&path)
            .extension()
            .is_some_and(|extension| extension == "wasm")
        {
            wasm += size;
        }
    }
    let kilobytes = |bytes| f64::from(bytes) / 1000.0;
    let what = "first load of the log-in page with all its files, compressed";
    report.row(what, kilobytes(total), " kB", Bound::AtMost(180.0));
    report.row("of which WebAssembly", kilobytes(wasm), " kB", Bound::None);
    Ok(())
}

/// The start of the files for the page after the log-in.
const NEXT: &str = "/assets/logged-in.";

/// Every quoted address of a file, except the files that the browser fetches in advance for the next page.
fn referred(page: &str) -> BTreeSet<String> {
    let quoted = page.split(['"', '\'', '`']);
    let files = quoted.filter(|text| text.starts_with("/assets/") && text.contains('.'));
    let files = files.filter(|text| !text.starts_with(NEXT));
    files.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_counts_once() {
        let page = r#"<link href="/assets/a.css">import('/assets/b.js') "/assets/b.js" "/assets""#;
        let files = referred(page);
        assert_eq!(Vec::from_iter(files), ["/assets/a.css", "/assets/b.js"]);
    }

    #[test]
    fn a_file_for_the_next_page_does_not_count() {
        let page = r#"<link rel="preload" href="/assets/b.js"> ("/assets/logged-in.a.js")"#;
        assert_eq!(Vec::from_iter(referred(page)), ["/assets/b.js"]);
    }
}
