//! A form that the server renders, and that the browser posts itself.

use leptos::prelude::*;

use crate::page;

/// The form. Its answer is the page that the form is on. So the page asks before another form's typed text is lost, and what a
/// refused form shows again counts as typed.
#[component]
pub fn PlainForm(
    /// The path of the server function.
    function: &'static str,
    /// The id of the user, group or company that the form is about.
    #[prop(optional, into)]
    id: Option<String>,
    /// Whether the server has refused the form.
    is_refused: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <form
            class="form"
            method="post"
            action=page::form_address(function)
            data-comes-back
            data-refused=is_refused.then_some("")
        >
            {id.map(|id| view! { <input type="hidden" name="id" value=id/> })}
            {children()}
        </form>
    }
}
