//! Debug mode of the page. Only components that the server renders call these functions.

use crate::wire::debug::{DebugFacts, DebugMode};
#[cfg(feature = "ssr")]
use crate::{request::Visitor, text::text};

/// The placeholder for the rows with the SQL statements. The server replaces it when the page is finished.
pub const STATEMENTS_ROWS: &str = "<!--latchkey: statements-->";

/// The placeholder for the number of SQL statements and their time.
pub const STATEMENTS_SUM: &str = "<!--latchkey: number and time of statements-->";

/// The addresses of the files of the page.
#[derive(Clone, Debug)]
pub struct PageFiles(pub Vec<String>);

/// The debug mode of the person's session.
#[cfg(feature = "ssr")]
pub fn mode() -> DebugMode {
    Visitor::current()
        .map(|visitor| visitor.debug_mode())
        .unwrap_or_default()
}

/// In the browser the mode is always off, because only the server renders these components.
#[cfg(not(feature = "ssr"))]
pub fn mode() -> DebugMode {
    DebugMode::Off
}

/// Whether the person may use debug mode.
#[cfg(feature = "ssr")]
pub fn is_permitted() -> bool {
    Visitor::current().is_ok_and(|visitor| visitor.may_use_debug_mode())
}

/// Only the server knows the rights.
#[cfg(not(feature = "ssr"))]
pub fn is_permitted() -> bool {
    false
}

/// What the panel shows; `None` without debug mode.
#[cfg(feature = "ssr")]
pub async fn facts() -> Option<DebugFacts> {
    let language = text().language().code();
    Visitor::current().ok()?.debug_facts(language).await
}

/// Only the server knows the session.
#[cfg(not(feature = "ssr"))]
pub fn facts() -> std::future::Ready<Option<DebugFacts>> {
    std::future::ready(None)
}

/// The addresses of the files of the page.
pub fn files() -> Vec<String> {
    let files = leptos::prelude::use_context::<PageFiles>();
    files.map(|files| files.0).unwrap_or_default()
}
