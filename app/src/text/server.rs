//! The server's half of the texts: the catalogue, and what a page brings to the browser.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use leptos::prelude::*;

use super::{Language, Section, TEXTS, Text};

/// The language of the request that is being answered. The server has put it into the request.
#[cfg(feature = "ssr")]
pub(super) fn language() -> Language {
    let language = with_context(|request: &http::request::Parts| {
        request.extensions.get::<Language>().copied()
    });
    language.flatten().unwrap_or_default()
}

#[cfg(not(feature = "ssr"))]
pub(super) fn language() -> Language {
    Language::default()
}

pub(super) fn say(language: Language, number: usize) -> &'static str {
    let texts = TEXTS.get(language as usize);
    texts
        .and_then(|texts| texts.get(number))
        .copied()
        .unwrap_or_default()
}

const _: () = assert!(Section::ALL.len() <= u32::BITS as usize);

/// The sections that the islands of a page have asked for so far, one bit each.
#[derive(Clone, Default)]
pub(crate) struct Asked(Arc<AtomicU32>);

impl Asked {
    fn add(&self, section: Section) {
        self.0.fetch_or(1 << section as u32, Ordering::Relaxed);
    }

    fn sections(&self) -> impl Iterator<Item = Section> {
        let bits = self.0.load(Ordering::Relaxed);
        let sections = Section::ALL.iter().copied();
        sections.filter(move |section| bits & (1 << *section as u32) != 0)
    }
}

/// Notes that the page needs a section, if an island asks. What surrounds the islands needs no texts in the
/// browser.
pub(super) fn note(section: Section) {
    let context = Owner::current_shared_context();
    let is_in_island = context.is_some_and(|context| context.get_is_hydrating());
    if is_in_island && let Some(asked) = use_context::<Asked>() {
        asked.add(section);
    }
}

/// The texts for the browser, as data that runs nothing. Stands behind everything else in the page.
#[cfg(feature = "ssr")]
#[component]
pub(crate) fn PageTexts(asked: Asked, text: Text) -> impl IntoView {
    Suspend::new(async move {
        // The page is rendered in order, so every island has asked when this continues.
        tokio::task::yield_now().await;
        let texts = json(text.language(), &asked);
        view! { <script type="application/json" id=super::ELEMENT inner_html=texts></script> }
    })
}

/// The texts by number.
#[cfg(any(test, feature = "ssr"))]
fn json(language: Language, asked: &Asked) -> String {
    let numbers = asked.sections().flat_map(Section::numbers);
    let texts: BTreeMap<_, _> = numbers
        .map(|number| (number.to_string(), say(language, number)))
        // The forms that the language does not need.
        .filter(|(_, text)| !text.is_empty())
        .collect();
    within_element(&serde_json::json!({ "language": language.code(), "texts": texts }))
}

/// JSON in which no `</script>` and no `<!--` can end the element.
#[cfg(any(test, feature = "ssr"))]
fn within_element(page: &serde_json::Value) -> String {
    page.to_string().replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_brings_the_sections_that_its_islands_asked_for_and_no_others() {
        let asked = Asked::default();
        assert_eq!(
            json(Language::En, &asked),
            r#"{"language":"en","texts":{}}"#
        );
        asked.add(Section::Field);
        asked.add(Section::LogIn);
        let page = json(Language::En, &asked);
        for text in [
            "Show password",
            "Database",
            "Email or username",
            "Password",
            "Log in",
        ] {
            assert!(page.contains(&format!(":\"{text}\"")), "{page}");
        }
        assert_eq!(page.matches("\":\"").count(), 6, "{page}");
    }

    #[test]
    fn no_text_ends_the_element_that_it_stands_in() {
        let every = Asked::default();
        for section in Section::ALL {
            every.add(*section);
        }
        for language in Language::ALL {
            assert!(!json(*language, &every).contains('<'));
        }
        let hostile = serde_json::json!({ "text": "</script><!--" });
        assert_eq!(
            within_element(&hostile),
            r#"{"text":"\u003c/script>\u003c!--"}"#
        );
    }
}
