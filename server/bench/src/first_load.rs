//! What a browser that was never here transfers for the log-in page.

use std::collections::BTreeSet;

use anyhow::Result;
use http::header;

use crate::{
    client::{Ask, Connection},
    report::{Bound, Report},
    stage::Stage,
};

const FILES: &str = "/assets/";

pub async fn measure(stage: &Stage, report: &mut Report) -> Result<()> {
    let mut connection = Connection::open(&stage.address).await?;
    let page = connection
        .send(&Ask::page("/login").with(header::ACCEPT_ENCODING, "br"))
        .await?;
    // To read what it refers to.
    let plain = connection
        .send(&Ask::page("/login").with(header::ACCEPT_ENCODING, "identity"))
        .await?;
    let (mut total, mut wasm) = (page.body.len(), 0);
    report.note(&format!("/login: {total} bytes"));
    for file in referred(&String::from_utf8_lossy(&plain.body)) {
        let answer = connection
            .send(&Ask::page(&file).with(header::ACCEPT_ENCODING, "br"))
            .await?;
        let size = answer.body.len();
        report.note(&format!("{file}: {size} bytes"));
        total += size;
        if file.ends_with(".wasm") {
            wasm += size;
        }
    }
    report.kilobytes(
        "first load of the log-in page, compressed",
        total,
        Bound::AtMost(180.0),
    );
    report.kilobytes("of which WebAssembly", wasm, Bound::None);
    Ok(())
}

/// Everything in quotes that is the address of a file.
fn referred(page: &str) -> BTreeSet<String> {
    let quoted = page.split(['"', '\'', '`']);
    quoted
        .filter(|text| text.starts_with(FILES) && text.contains('.'))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_counts_once() {
        let page = r#"<link href="/assets/a.css"><script>import('/assets/b.js'); "/assets/b.js"; "/assets"</script>"#;
        assert_eq!(
            Vec::from_iter(referred(page)),
            ["/assets/a.css", "/assets/b.js"]
        );
    }
}
