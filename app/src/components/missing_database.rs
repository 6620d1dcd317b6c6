//! What an administrator has to do first.

use leptos::prelude::*;

use crate::text::text;

/// There is no database yet: says which command makes one.
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
