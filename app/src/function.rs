//! What the server knows of a server function besides its code: its audience, and the form that posts to it.

use server_fn::ServerFn;

use crate::audience::Audience;

/// A server function. Each is declared in `FUNCTIONS` of its file.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// The path, which starts with `/api/`.
    pub path: &'static str,
    /// The visitors who may call the function.
    pub audience: Audience,
    /// The form that posts to the function without script.
    pub form: Option<Form>,
}

/// A form that works without script.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// The path of the server function that the form is posted to.
    pub function: &'static str,
    /// The page that the form is on.
    pub page: &'static str,
    /// The page about one user, group or company that has the form, named by the field `id`. If the form names none, the answer leads to
    /// `page`.
    pub one: Option<&'static str>,
    /// Whether every page has the form. The answer then leads back to the page that has sent the form, and to `page` only if
    /// the browser does not tell that page.
    pub is_on_every_page: bool,
    /// The fields that are filled in again after a refusal. A password is never among them.
    pub kept: &'static [&'static str],
}

impl Function {
    /// The function `F`, which no form posts to.
    pub const fn of<F: ServerFn>(audience: Audience) -> Self {
        Self {
            path: F::PATH,
            audience,
            form: None,
        }
    }

    /// The same function with a form on `page`, which keeps the fields `kept` after a refusal.
    #[must_use]
    pub const fn with_form(mut self, page: &'static str, kept: &'static [&'static str]) -> Self {
        self.form = Some(Form {
            function: self.path,
            page,
            one: None,
            is_on_every_page: false,
            kept,
        });
        self
    }

    /// The same function with a form on the page `one` about the user, group or company that the field `id` names.
    #[must_use]
    pub const fn with_form_about_one(
        mut self,
        page: &'static str,
        one: &'static str,
        kept: &'static [&'static str],
    ) -> Self {
        self.form = Some(Form {
            function: self.path,
            page,
            one: Some(one),
            is_on_every_page: false,
            kept,
        });
        self
    }

    /// The same function with a form on every page. `page` stands in for the page if the browser does not tell it.
    #[must_use]
    pub const fn with_form_on_every_page(mut self, page: &'static str) -> Self {
        self.form = Some(Form {
            function: self.path,
            page,
            one: None,
            is_on_every_page: true,
            kept: &[],
        });
        self
    }
}
