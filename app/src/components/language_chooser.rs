//! The choice of a language for people who are not logged in.

use leptos::prelude::*;

use crate::{text::text, wire::profile::LanguageChoice};

const POST: &str = "/api/choose_language";

/// A button for each language, because choosing is the only action here. With one language there is no choice.
///
/// The buttons belong to the form of the page, if there is one: then the browser sends what was typed there, and the page
/// fills it in again.
#[component]
pub fn LanguageChooser(
    languages: Vec<LanguageChoice>,
    /// The element id of the form of the page.
    #[prop(optional_no_strip)]
    form: Option<&'static str>,
    /// The page to return to; `None` for the log-in page.
    #[prop(optional)]
    page: Option<&'static str>,
    /// The path to land on after the log-in.
    #[prop(optional_no_strip)]
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
                        form=form
                        formaction=form.map(|_| POST)
                        formnovalidate=form.is_some()
                    >
                        <bdi>{name}</bdi>
                    </button>
                </li>
            }
        })
        .collect_view();
    let page = page.map(|page| view! { <input type="hidden" name="page" value=page form=form/> });
    let list = view! {
        <ul class="languages" role="list" aria-label=text.languages_label()>{buttons}</ul>
    };
    Some(if form.is_some() {
        view! {
            {page}
            {list}
        }
        .into_any()
    } else {
        let next = next.map(|next| view! { <input type="hidden" name="next" value=next/> });
        view! {
            <form method="post" action=POST>
                {page}
                {next}
                {list}
            </form>
        }
        .into_any()
    })
}
