//! What to do about a forgotten password.

use leptos::prelude::*;

use super::Page;
use crate::{
    audience::Audience,
    components::{
        language_chooser::LanguageChooser, narrow_page::NarrowPage, page_heading::PageHeading,
    },
    page, routes,
    text::{Text, text},
};

/// Forgotten password.
pub const PAGE: Page = Page::new(
    routes::FORGOTTEN_PASSWORD,
    Audience::Anyone,
    Text::forgotten_password_title,
    || ForgottenPassword().into_any(),
);

/// The administrator's words and link, or else to ask the administrator.
#[component]
fn ForgottenPassword() -> impl IntoView {
    let text = text();
    let (paragraphs, url) = page::help();
    let words = if paragraphs.is_empty() {
        vec![text.forgotten_password_lead().to_owned()]
    } else {
        paragraphs
    };
    let words = words
        .into_iter()
        .map(|paragraph| view! { <p class="narrow-page__words" dir="auto">{paragraph}</p> })
        .collect_view();
    let link = url.map(|url| {
        view! { <p><a class="button" href=url rel="noreferrer">{text.forgotten_password_help()}</a></p> }
    });
    view! {
        <NarrowPage below=Languages>
            <PageHeading heading=text.forgotten_password_title()/>
            {words}
            {link}
            <p><a href=routes::LOG_IN>{text.forgotten_password_back()}</a></p>
        </NarrowPage>
    }
}

#[component]
fn Languages() -> impl IntoView {
    view! { <LanguageChooser languages=page::languages() page=routes::FORGOTTEN_PASSWORD/> }
}
