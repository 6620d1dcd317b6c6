//! A text field with its label.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::{page, text};

/// The kind of text, for browsers and password managers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The name of a database.
    Database,
    /// The user's login.
    Login,
    /// The user's displayed name.
    Name,
    /// The login of another user.
    NewLogin,
    /// The displayed name of another user, who may have none.
    NewName,
    /// The present password.
    CurrentPassword,
    /// The new password.
    NewPassword,
    /// A log-in code, which most people do not have.
    Code,
    /// The name of a thing.
    Title,
    /// A sentence about a thing, or nothing.
    About,
    /// A whole number, or nothing.
    Number,
}

impl Content {
    const fn autocomplete(self) -> &'static str {
        match self {
            Self::Database
            | Self::Code
            | Self::NewLogin
            | Self::NewName
            | Self::Title
            | Self::About
            | Self::Number => "off",
            Self::Login => "username",
            Self::Name => "name",
            Self::CurrentPassword => "current-password",
            Self::NewPassword => "new-password",
        }
    }

    const fn autocapitalize(self) -> &'static str {
        match self {
            Self::Name | Self::NewName => "words",
            Self::Title | Self::About => "sentences",
            _ => "none",
        }
    }

    /// The keyboard of a phone.
    const fn inputmode(self) -> Option<&'static str> {
        match self {
            Self::Number => Some("numeric"),
            _ => None,
        }
    }

    /// Whether a form is sent without the text.
    const fn may_be_empty(self) -> bool {
        matches!(
            self,
            Self::Code | Self::NewName | Self::About | Self::Number
        )
    }

    const fn is_secret(self) -> bool {
        matches!(self, Self::CurrentPassword | Self::NewPassword)
    }
}

/// A labelled text field.
#[component]
pub fn TextField(
    /// The name in the form.
    name: &'static str,
    /// The element id, if it is not the name.
    #[prop(optional)]
    id: Option<&'static str>,
    label: &'static str,
    content: Content,
    /// The initial text.
    #[prop(optional, into)]
    value: Option<String>,
    /// Advice for the person before typing.
    #[prop(optional, into)]
    hint: Option<String>,
    /// The element id of further words that describe the field.
    #[prop(optional_no_strip)]
    described_by: Option<&'static str>,
    /// Whether the text caused the form's failure.
    #[prop(optional, into)]
    invalid: Signal<bool>,
    /// The element id of the error.
    error_id: &'static str,
    /// Whether the field has the focus when the page opens.
    #[prop(optional)]
    autofocus: bool,
    /// Whether a button can show the typed text.
    #[prop(optional)]
    revealable: bool,
    /// Whether the typed text is shown, where several fields share this.
    #[prop(optional)]
    revealed: RwSignal<bool>,
    /// The number of characters that the person has typed.
    #[prop(optional)]
    typed: RwSignal<usize>,
) -> impl IntoView {
    let id = id.unwrap_or(name);
    let hint_id = [id, "-hint"].concat();
    let hint_of_input = hint.is_some().then(|| hint_id.clone());
    let described_by = move || {
        let error = invalid.get().then_some(error_id);
        let ids = [hint_of_input.as_deref(), described_by, error];
        let ids: Vec<_> = ids.into_iter().flatten().collect();
        (!ids.is_empty()).then(|| ids.join(" "))
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
            <label class="field__label" for=id>{label}</label>
            {hint.map(|hint| view! { <p class="field__hint" id=hint_id>{hint}</p> })}
            <div class="field__control">
                <input
                    class="field__input"
                    id=id
                    name=name
                    type=kind
                    value=value
                    autocomplete=content.autocomplete()
                    autocapitalize=content.autocapitalize()
                    inputmode=content.inputmode()
                    spellcheck="false"
                    required=!content.may_be_empty()
                    autofocus=autofocus
                    aria-invalid=move || invalid.get().then_some("true")
                    aria-describedby=described_by
                    on:input:target=move |event| typed.set(event.target().value().chars().count())
                />
                {revealable.then(|| view! { <Reveal revealed id label/> })}
            </div>
        </div>
    }
}

/// The button that shows or hides the typed text. The button is absent until script runs. Its name ends with the field's
/// label, because a page may have several such buttons. The label's element labels the field only: scripts find the field by
/// the label.
#[component]
fn Reveal(revealed: RwSignal<bool>, id: &'static str, label: &'static str) -> impl IntoView {
    let hydrated = page::hydrated();
    view! {
        <button
            class="field__reveal"
            type="button"
            hidden=move || !hydrated.get()
            aria-label=[text::field().show_password(), " – ", label].concat()
            aria-pressed=move || if revealed.get() { "true" } else { "false" }
            aria-controls=id
            on:click=move |_| revealed.update(|revealed| *revealed = !*revealed)
        >
            <Icon shape=Shape::Eye/>
        </button>
    }
}
