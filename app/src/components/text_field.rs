//! A line to type in, with its label.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::{page, text::text};

/// What is typed, as browsers and password managers know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The name of a database.
    Database,
    /// What the person logs in with.
    Login,
    /// The password they have.
    CurrentPassword,
    /// The password they choose.
    NewPassword,
    /// A log-in code, which most people leave out.
    Code,
}

impl Content {
    const fn autocomplete(self) -> &'static str {
        match self {
            Self::Database | Self::Code => "off",
            Self::Login => "username",
            Self::CurrentPassword => "current-password",
            Self::NewPassword => "new-password",
        }
    }

    const fn is_secret(self) -> bool {
        matches!(self, Self::CurrentPassword | Self::NewPassword)
    }
}

/// A labelled line to type in. Its name in the form is its element id.
#[component]
pub fn TextField(
    /// Element id and name in the form.
    name: &'static str,
    label: &'static str,
    content: Content,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: Option<String>,
    /// What to know before typing.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whether what was typed is why the form failed.
    #[prop(optional, into)]
    invalid: Signal<bool>,
    /// The element that says why.
    error_id: &'static str,
    /// Whether the page starts here.
    #[prop(optional)]
    autofocus: bool,
    /// Whether a button shows what is typed.
    #[prop(optional)]
    revealable: bool,
) -> impl IntoView {
    let revealed = RwSignal::new(false);
    let hint_id = [name, "-hint"].concat();
    let hint_of_input = hint.is_some().then(|| hint_id.clone());
    let described_by = move || match (&hint_of_input, invalid.get()) {
        (Some(hint), true) => Some([hint, " ", error_id].concat()),
        (Some(hint), false) => Some(hint.clone()),
        (None, true) => Some(error_id.to_owned()),
        (None, false) => None,
    };
    let kind = move || {
        if content.is_secret() && !revealed.get() {
            "password"
        } else {
            "text"
        }
    };

    view! {
        <div class="field">
            <label class="field__label" for=name>{label}</label>
            {hint.map(|hint| view! { <p class="field__hint" id=hint_id>{hint}</p> })}
            <div class="field__control">
                <input
                    class="field__input"
                    id=name
                    name=name
                    type=kind
                    value=value
                    autocomplete=content.autocomplete()
                    autocapitalize="none"
                    spellcheck="false"
                    required=content != Content::Code
                    autofocus=autofocus
                    aria-invalid=move || invalid.get().then_some("true")
                    aria-describedby=described_by
                />
                {revealable.then(|| view! { <Reveal revealed name/> })}
            </div>
        </div>
    }
}

/// Shows what is typed, or hides it again. There is none before script runs.
#[component]
fn Reveal(revealed: RwSignal<bool>, name: &'static str) -> impl IntoView {
    let hydrated = page::hydrated();
    view! {
        <button
            class="field__reveal"
            type="button"
            hidden=move || !hydrated.get()
            aria-label=text().log_in_show_password()
            aria-pressed=move || if revealed.get() { "true" } else { "false" }
            aria-controls=name
            on:click=move |_| revealed.update(|revealed| *revealed = !*revealed)
        >
            <Icon shape=Shape::Eye/>
        </button>
    }
}
