//! The first step of an administrator.

use leptos::prelude::*;

use crate::text::text;

/// Says that there is no database yet, and which command creates one.
#[component]
pub fn MissingDatabase() -> impl IntoView {
    let text = text();
    view! {
        <section class="missing" aria-labelledby="missing-title">
            <h2 class="missing__title" id="missing-title">{text.database_missing_title()}</h2>
            <p>{text.database_missing()}</p>
            <pre class="missing__command" tabindex="0">
                <code>"latchkey db create NAME --admin-login LOGIN"</code>
            </pre>
        </section>
    }
}
