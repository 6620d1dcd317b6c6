//! Operations that need a browser. On the server they do nothing.

#[cfg(feature = "hydrate")]
pub use page::*;
#[cfg(not(feature = "hydrate"))]
pub use server::*;

#[cfg(feature = "hydrate")]
mod page {
    use std::cell::Cell;

    use leptos::prelude::{document, request_animation_frame, window};
    use wasm_bindgen::JsCast;
    use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, HtmlInputElement, SubmitEvent};

    thread_local! {
        static IS_LEAVING: Cell<bool> = const { Cell::new(false) };
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

    /// Moves the focus, once the element is rendered.
    pub fn focus(id: impl Into<String>) {
        let id = id.into();
        request_animation_frame(move || {
            if let Some(element) = element::<HtmlElement>(&id) {
                let _ = element.focus();
            }
        });
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

    /// The time of the browser's clock, in milliseconds.
    pub fn now() -> f64 {
        js_sys::Date::now()
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

    /// Removes the list item around an element from the page.
    pub fn remove_item(id: &str) {
        let item = element::<Element>(id).and_then(|element| element.closest("li").ok()?);
        if let Some(item) = item {
            item.remove();
        }
    }

    /// The device that a submitted form asks about; `None` if the form asks about none.
    pub fn asked_device(event: &SubmitEvent) -> Option<String> {
        let form: Element = event.target()?.dyn_into().ok()?;
        let field = form.query_selector("input[name=revoke]").ok()??;
        field.get_attribute("value")
    }

    /// A submitted form that names a device.
    pub struct NamingForm {
        form: Element,
        /// The device's id.
        pub device: String,
        /// The new name.
        pub name: String,
    }

    impl NamingForm {
        /// The submitted form; `None` if it is another form.
        pub fn submitted(event: &SubmitEvent) -> Option<Self> {
            let form: Element = event.target()?.dyn_into().ok()?;
            let name = form.query_selector("input[name=device_name]").ok()??;
            let id = form.query_selector("input[name=id]").ok()??;
            let name: HtmlInputElement = name.dyn_into().ok()?;
            Some(Self {
                device: id.get_attribute("value")?,
                name: name.value(),
                form,
            })
        }

        /// Shows that the form waits for an answer.
        pub fn wait(&self) {
            if let Some(button) = self.button() {
                let _ = button.set_attribute("aria-busy", "true");
            }
        }

        /// Shows that the answer has arrived.
        pub fn answered(&self) {
            if let Some(button) = self.button() {
                let _ = button.remove_attribute("aria-busy");
            }
        }

        fn button(&self) -> Option<Element> {
            self.form.query_selector("button").ok()?
        }

        /// Closes the element around the form, and returns the focus to the button that opened it, if the
        /// focus was inside.
        pub fn close(&self) {
            let Ok(Some(details)) = self.form.closest("details") else {
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
    }

    fn element<T: JsCast>(id: &str) -> Option<T> {
        document().get_element_by_id(id)?.dyn_into().ok()
    }
}

#[cfg(not(feature = "hydrate"))]
mod server {

    /// The server redirects by a header instead.
    pub fn go(_path: &str) {}

    /// The server redirects by a header instead.
    pub fn reload() {}

    /// The server renders `autofocus` instead.
    pub fn focus(_id: impl Into<String>) {}

    /// The server renders a new page with the right items instead.
    pub fn remove_item(_id: &str) {}

    /// Without script the form itself asks.
    pub fn asked_device(_event: &leptos::ev::SubmitEvent) -> Option<String> {
        None
    }

    /// Without script the browser sends the form.
    pub struct NamingForm {
        /// The device's id.
        pub device: String,
        /// The new name.
        pub name: String,
        never: std::convert::Infallible,
    }

    impl NamingForm {
        /// Always `None`.
        pub fn submitted(_event: &leptos::ev::SubmitEvent) -> Option<Self> {
            None
        }

        /// Never called.
        pub fn wait(&self) {
            match self.never {}
        }

        /// Never called.
        pub fn answered(&self) {
            match self.never {}
        }

        /// Never called.
        pub fn close(&self) {
            match self.never {}
        }
    }

    /// Only the browser has fields with typed text.
    pub fn name_of(_event: &leptos::ev::Event) -> String {
        String::new()
    }

    /// Only the browser counts down.
    pub fn now() -> f64 {
        0.0
    }

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
