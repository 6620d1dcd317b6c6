//! Operations that need a browser. On the server they do nothing.

/// The request header in which a page that is open names its owner: the database and the user whom the server rendered the
/// page for. The server refuses the request if the browser has meanwhile logged in as another user or elsewhere.
pub const PAGE_OWNER: &str = "x-latchkey-page-owner";

/// A complete answer of the server.
pub struct Answer {
    /// Whether the status says that the request succeeded.
    pub is_ok: bool,
    /// The body.
    pub text: String,
}

#[cfg(feature = "hydrate")]
pub use page::*;
#[cfg(not(feature = "hydrate"))]
pub use server::*;

#[cfg(feature = "hydrate")]
mod page {
    use std::cell::{Cell, RefCell};

    use js_sys::{JSON, Object, Reflect};
    use leptos::{
        ev::SubmitEvent,
        prelude::{document, request_animation_frame, window},
        task::spawn_local,
    };
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{
        Element, Event, FormData, HtmlDialogElement, HtmlElement, HtmlFormElement,
        HtmlInputElement, RequestInit, Response, UrlSearchParams,
    };

    use super::{Answer, PAGE_OWNER};

    /// The options of `fetch` for a form.
    const POST: &str = r#"{"method":"POST","headers":{"accept":"application/json"}}"#;

    /// The property of a form that script has sent, until the person types again or the server refuses.
    pub const SENT: &str = "latchkeySent";

    thread_local! {
        static IS_LEAVING: Cell<bool> = const { Cell::new(false) };

        /// The page's own title, while another title calls the person back.
        static OWN_TITLE: RefCell<Option<String>> = const { RefCell::new(None) };
    }

    /// Loads `path` as a whole new document.
    pub fn go(path: &str) {
        IS_LEAVING.set(true);
        let _ = window().location().assign(path);
    }

    /// Loads the document again.
    pub fn reload() {
        IS_LEAVING.set(true);
        let _ = window().location().reload();
    }

    /// Takes a query that has a parameter out of the page's address. The page stays as it is.
    pub fn forget_query(parameter: &str) {
        let location = window().location();
        let (Ok(query), Ok(path)) = (location.search(), location.pathname()) else {
            return;
        };
        if let Ok(query) = UrlSearchParams::new_with_str(&query)
            && query.has(parameter)
            && let Ok(history) = window().history()
        {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
        }
    }

    /// Whether the product itself leaves the document, as after the end of the session.
    #[cfg(feature = "logged-in")]
    pub fn is_leaving() -> bool {
        IS_LEAVING.get()
    }

    /// Notes that the document has stayed: the page came into it.
    #[cfg(feature = "logged-in")]
    pub fn has_stayed() {
        IS_LEAVING.set(false);
    }

    /// Calls the person back to the tab by its title; `None` restores the page's own title.
    pub fn call_back(words: Option<&str>) {
        let own = OWN_TITLE.take();
        let Some(words) = words else {
            if let Some(own) = own {
                document().set_title(&own);
            }
            return;
        };
        let own = own.unwrap_or_else(|| document().title());
        document().set_title(words);
        OWN_TITLE.set(Some(own));
    }

    /// Options of `fetch`, from JSON, which makes smaller code than building them.
    pub fn options(json: &str) -> RequestInit {
        JSON::parse(json).unwrap_or_default().unchecked_into()
    }

    /// Sends a request, which names the owner of the page. `None` without an answer.
    pub async fn fetch(path: &str, options: &RequestInit) -> Option<Response> {
        let root = document().document_element();
        if let Some(owner) = root.and_then(|root| root.get_attribute("data-owner")) {
            let headers = JsValue::from_str("headers");
            let named = Reflect::get(options, &headers).ok();
            let named = named.filter(JsValue::is_object);
            let named = named.unwrap_or_else(|| Object::new().into());
            let _ = Reflect::set(&named, &PAGE_OWNER.into(), &owner.into());
            let _ = Reflect::set(options, &headers, &named);
        }
        let asked = window().fetch_with_str_and_init(path, options);
        JsFuture::from(asked).await.ok().map(Response::from)
    }

    /// The text of an answer.
    pub async fn text(answer: &Response) -> Option<String> {
        JsFuture::from(answer.text().ok()?).await.ok()?.as_string()
    }

    /// Sends a request and reads the whole answer. `None` without an answer.
    pub async fn ask(path: &str, options: &RequestInit) -> Option<Answer> {
        let answer = fetch(path, options).await?;
        let text = text(&answer).await?;
        Some(Answer {
            is_ok: answer.ok(),
            text,
        })
    }

    /// Notes whether what a person has typed into a form is sent. What the server has not taken is not.
    pub fn set_sent(form: &JsValue, is_sent: bool) {
        let _ = Reflect::set(form, &JsValue::from_str(SENT), &JsValue::from_bool(is_sent));
    }

    /// Posts the fields of a form that is being submitted to `path`, in place of the browser, and hands the answer to
    /// `then`. `false` if the browser must post the form itself.
    pub fn post(
        event: &SubmitEvent,
        path: &'static str,
        then: Box<dyn FnOnce(Option<Answer>)>,
    ) -> bool {
        let form: Option<HtmlFormElement> = event.target().and_then(|form| form.dyn_into().ok());
        let body = form.as_ref().and_then(|form| {
            let fields = FormData::new_with_form(form).ok()?;
            UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()
        });
        let (Some(form), Some(body)) = (form, body) else {
            return false;
        };
        event.prevent_default();
        let options = options(POST);
        options.set_body(&body);
        spawn_local(async move {
            let answer = ask(path, &options).await;
            if !answer.as_ref().is_some_and(|answer| answer.is_ok) {
                set_sent(&form, false);
            }
            then(answer);
        });
        true
    }

    /// Moves the focus, once the element is rendered.
    pub fn focus(id: impl Into<String>) {
        let id = id.into();
        request_animation_frame(move || {
            if let Some(element) = element::<HtmlElement>(&id) {
                let _ = element.focus();
            }
        });
    }

    /// Moves the focus to an input and selects its text.
    pub fn select_input(id: &str) {
        if let Some(input) = element::<HtmlInputElement>(id) {
            let _ = input.focus();
            input.select();
        }
    }

    /// Empties an input.
    pub fn clear_input(id: &str) {
        if let Some(input) = element::<HtmlInputElement>(id) {
            input.set_value("");
        }
    }

    /// The name of the field that an event happened to.
    pub fn name_of(event: &Event) -> String {
        let field = event.target().and_then(|field| field.dyn_into().ok());
        field.map_or_else(String::new, |field: HtmlInputElement| field.name())
    }

    /// Whether the pressed button sends the form to another address.
    pub fn leads_elsewhere(event: &SubmitEvent) -> bool {
        let button = event.submitter();
        button.is_some_and(|button| button.has_attribute("formaction"))
    }

    /// The time of the browser's clock, in milliseconds.
    pub fn now() -> f64 {
        js_sys::Date::now()
    }

    /// A text in small letters. The browser has the tables for that.
    pub fn lower_case(text: &str) -> String {
        js_sys::JsString::from(text).to_lower_case().into()
    }

    /// Opens a dialog above the page. A dialog that was rendered open moves to the top layer.
    pub fn show_dialog(id: &str) {
        if let Some(dialog) = element::<HtmlDialogElement>(id) {
            let _ = dialog.remove_attribute("open");
            let _ = dialog.show_modal();
        }
    }

    /// Closes a dialog.
    pub fn close_dialog(id: &str) {
        if let Some(dialog) = element::<HtmlDialogElement>(id) {
            dialog.close();
        }
    }

    /// Whether a dialog is open.
    pub fn is_dialog_open(id: &str) -> bool {
        element::<HtmlDialogElement>(id).is_some_and(|dialog| dialog.open())
    }

    /// Whether an element or a part of it has the focus.
    pub fn has_focus(id: &str) -> bool {
        element::<Element>(id).is_some_and(|element| element.matches(":focus-within") == Ok(true))
    }

    /// The text of an input.
    pub fn input(id: &str) -> Option<String> {
        element::<HtmlInputElement>(id).map(|input| input.value())
    }

    /// Sets the text of an input.
    pub fn set_input(id: &str, text: &str) {
        if let Some(input) = element::<HtmlInputElement>(id) {
            input.set_value(text);
        }
    }

    /// Shows, on the button of the form around an element, whether the form waits for an answer.
    pub fn wait_for_form_around(id: &str, waits: bool) {
        let form = element::<Element>(id).and_then(|element| element.closest("form").ok()?);
        let button = form.and_then(|form| form.query_selector("button[type=submit]").ok()?);
        if let Some(button) = button {
            let _ = if waits {
                button.set_attribute("aria-busy", "true")
            } else {
                button.remove_attribute("aria-busy")
            };
        }
    }

    /// Closes the `details` around an element, and returns the focus to the control that opened it, if the focus was
    /// inside.
    pub fn close_details_around(id: &str) {
        let details = element::<Element>(id).and_then(|element| element.closest("details").ok()?);
        let Some(details) = details else {
            return;
        };
        let has_focus = details.matches(":focus-within") == Ok(true);
        let _ = details.remove_attribute("open");
        if has_focus
            && let Ok(Some(summary)) = details.query_selector("summary")
            && let Ok(summary) = summary.dyn_into::<HtmlElement>()
        {
            let _ = summary.focus();
        }
    }

    fn element<T: JsCast>(id: &str) -> Option<T> {
        document().get_element_by_id(id)?.dyn_into().ok()
    }
}

#[cfg(not(feature = "hydrate"))]
mod server {
    use super::Answer;

    /// Only the browser submits forms.
    pub fn post(
        _event: &leptos::ev::SubmitEvent,
        _path: &'static str,
        _then: Box<dyn FnOnce(Option<Answer>)>,
    ) -> bool {
        false
    }

    /// The server redirects by a header instead.
    pub fn go(_path: &str) {}

    /// The server redirects by a header instead.
    pub fn reload() {}

    /// The address is the request's.
    pub fn forget_query(_parameter: &str) {}

    /// Only an open page calls back.
    pub fn call_back(_words: Option<&str>) {}

    /// The server renders `autofocus` instead.
    pub fn focus(_id: impl Into<String>) {}

    /// The server does not know this.
    pub fn has_focus(_id: &str) -> bool {
        false
    }

    /// The server does not know this.
    pub fn input(_id: &str) -> Option<String> {
        None
    }

    /// The server renders the text instead.
    pub fn set_input(_id: &str, _text: &str) {}

    /// The server never waits for a browser.
    pub fn wait_for_form_around(_id: &str, _waits: bool) {}

    /// The server renders the element closed instead.
    pub fn close_details_around(_id: &str) {}

    /// Only the browser has fields with typed text.
    pub fn name_of(_event: &leptos::ev::Event) -> String {
        String::new()
    }

    /// Only the browser sends forms.
    pub fn leads_elsewhere(_event: &leptos::ev::SubmitEvent) -> bool {
        false
    }

    /// Only the browser counts down.
    pub fn now() -> f64 {
        0.0
    }

    /// A text in small letters.
    pub fn lower_case(text: &str) -> String {
        text.to_lowercase()
    }

    /// The server renders no open form that the person has just opened.
    pub fn select_input(_id: &str) {}

    /// The server renders a new page with empty inputs instead.
    pub fn clear_input(_id: &str) {}

    /// The server renders `open` instead.
    pub fn show_dialog(_id: &str) {}

    /// The server leaves out `open` instead.
    pub fn close_dialog(_id: &str) {}

    /// The server does not know this.
    pub fn is_dialog_open(_id: &str) -> bool {
        false
    }
}
