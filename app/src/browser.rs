//! The few things that only a browser can do. On the server they do nothing.

#[cfg(feature = "hydrate")]
pub use page::*;
#[cfg(not(feature = "hydrate"))]
pub use server::*;

#[cfg(feature = "hydrate")]
mod page {
    use leptos::prelude::{document, request_animation_frame, window};
    use wasm_bindgen::JsCast;
    use web_sys::{Element, HtmlDialogElement, HtmlElement, HtmlInputElement, SubmitEvent};

    /// Loads `path` as a whole new document.
    pub fn go(path: &str) {
        let _ = window().location().assign(path);
    }

    /// Loads the document again.
    pub fn reload() {
        let _ = window().location().reload();
    }

    /// Moves the focus, once what is being rendered is there.
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

    /// Opens a dialog above the page; one that was rendered open comes to the top.
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

    /// Takes the list item around an element out of the page.
    pub fn remove_item(id: &str) {
        let item = element::<Element>(id).and_then(|element| element.closest("li").ok()?);
        if let Some(item) = item {
            item.remove();
        }
    }

    /// Which device a form asks about that is being submitted, if it is such a form.
    pub fn asked_device(event: &SubmitEvent) -> Option<String> {
        let form: Element = event.target()?.dyn_into().ok()?;
        let field = form.query_selector("input[name=revoke]").ok()??;
        field.get_attribute("value")
    }

    /// A form by which a device is named, as it is being submitted.
    pub struct NamingForm {
        form: Element,
        /// The device's id.
        pub device: String,
        /// What it is to be called.
        pub name: String,
    }

    impl NamingForm {
        /// The form of a submit, if it is such a form.
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

        /// Shows that an answer is awaited.
        pub fn wait(&self) {
            if let Some(button) = self.button() {
                let _ = button.set_attribute("aria-busy", "true");
            }
        }

        /// Shows that it has come.
        pub fn answered(&self) {
            if let Some(button) = self.button() {
                let _ = button.remove_attribute("aria-busy");
            }
        }

        fn button(&self) -> Option<Element> {
            self.form.query_selector("button").ok()?
        }

        /// Closes what it is in, and goes back to what has opened that, if the focus was inside.
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

    /// The server redirects by header instead.
    pub fn go(_path: &str) {}

    /// The server says `autofocus` instead.
    pub fn focus(_id: impl Into<String>) {}

    /// A new page has the right items.
    pub fn remove_item(_id: &str) {}

    /// The form asks by itself.
    pub fn asked_device(_event: &leptos::ev::SubmitEvent) -> Option<String> {
        None
    }

    /// The browser sends the form by itself.
    pub struct NamingForm {
        /// The device's id.
        pub device: String,
        /// What it is to be called.
        pub name: String,
        never: std::convert::Infallible,
    }

    impl NamingForm {
        /// There is none.
        pub fn submitted(_event: &leptos::ev::SubmitEvent) -> Option<Self> {
            None
        }

        /// There is none.
        pub fn wait(&self) {
            match self.never {}
        }

        /// There is none.
        pub fn answered(&self) {
            match self.never {}
        }

        /// There is none.
        pub fn close(&self) {
            match self.never {}
        }
    }

    /// A new page has empty inputs.
    pub fn clear_input(_id: &str) {}

    /// The server says `open` instead.
    pub fn show_dialog(_id: &str) {}

    /// The server leaves `open` away instead.
    pub fn close_dialog(_id: &str) {}

    /// Not known here.
    pub fn is_dialog_open(_id: &str) -> bool {
        false
    }
}
