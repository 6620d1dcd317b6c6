//! The browser's half of the texts: what the page has brought.

use std::cell::RefCell;

use js_sys::{JSON, Reflect};
use leptos::prelude::document;
use wasm_bindgen::JsValue;
use web_sys::Document;

use super::{ELEMENT, Language, Section};

thread_local! {
    static PAGE: Page = Page::read();
}

struct Page {
    language: Language,
    /// The texts by number.
    texts: JsValue,
    /// The texts that were said already. Each is copied once and kept as long as the page.
    said: RefCell<Vec<Option<&'static str>>>,
}

pub(super) fn language() -> Language {
    PAGE.with(|page| page.language)
}

pub(super) fn say(_: Language, number: usize) -> &'static str {
    PAGE.with(|page| page.say(number))
}

/// Takes the texts of another page of this version and language. `None` if the page brings none.
#[cfg(feature = "logged-in")]
pub(crate) fn bring_from(page: &Document) -> Option<()> {
    use js_sys::Object;
    use wasm_bindgen::JsCast as _;

    let other = Page::of(page);
    PAGE.with(|page| {
        if other.language != page.language || other.texts.is_undefined() {
            return None;
        }
        let (own, others): (&Object, &Object) =
            (page.texts.unchecked_ref(), other.texts.unchecked_ref());
        Object::assign(own, others);
        Some(())
    })
}

/// The server has noted the section when it rendered the island.
pub(super) fn note(_: Section) {}

impl Page {
    fn read() -> Self {
        Self::of(&document())
    }

    fn of(page: &Document) -> Self {
        let element = page.get_element_by_id(ELEMENT);
        let json = element.and_then(|element| element.text_content());
        let page = JSON::parse(&json.unwrap_or_default()).unwrap_or_default();
        let get = |name: &str| Reflect::get(&page, &JsValue::from_str(name)).unwrap_or_default();
        let code = get("language").as_string().unwrap_or_default();
        Self {
            language: Language::from_code(&code).unwrap_or_default(),
            texts: get("texts"),
            said: RefCell::default(),
        }
    }

    fn say(&self, number: usize) -> &'static str {
        let mut said = self.said.borrow_mut();
        if said.len() <= number {
            said.resize(number + 1, None);
        }
        match said.get_mut(number) {
            Some(Some(text)) => text,
            Some(place) => place.insert(self.find(number)),
            None => "",
        }
    }

    fn find(&self, number: usize) -> &'static str {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let text = Reflect::get_u32(&self.texts, number).ok();
        let text = text.and_then(|text| text.as_string());
        // A test in a browser that comes here fails.
        debug_assert!(text.is_some(), "the page does not bring text {number}");
        String::leak(text.unwrap_or_default())
    }
}
