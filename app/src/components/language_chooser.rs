//! The choice of a language for people who are not logged in.

use leptos::prelude::*;

use crate::{text::text, wire::profile::LanguageChoice};

/// A button for each language, because choosing is the only action here. With one language there is no choice.
#[component]
pub fn LanguageChooser(
    languages: Vec<LanguageChoice>,
    /// The path to land on after the log-in.
    next: Option<String>,
) -> impl IntoView {
    if languages.len() < 2 {
        return None;
    }
    let text = text();
    let current = text.language().code();
    let buttons = languages
        .into_iter()
        .map(|LanguageChoice { code, name }| {
            let current = (code == current).then_some("true");
            view! {
                <li>
                    <button
                        class="languages__language"
                        type="submit"
                        name="language"
                        value=code.clone()
                        lang=code
                        aria-current=current
                    >
                        <bdi>{name}</bdi>
                    </button>
                </li>
            }
        })
        .collect_view();
    Some(view! {
        <form method="post" action="/api/choose_language">
            {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
            <ul class="languages" role="list" aria-label=text.languages_label()>{buttons}</ul>
        </form>
    })
}
