//! The colour that marks a company.

use leptos::prelude::*;

/// The colour of a company. A company without a colour has none, and the names stay in line.
#[component]
pub fn CompanyMark(colour: Option<String>) -> impl IntoView {
    view! {
        <svg class="company-mark" viewBox="0 0 12 12" aria-hidden="true">
            <circle cx="6" cy="6" r="5" fill=colour.unwrap_or_else(|| "none".to_owned())/>
        </svg>
    }
}
