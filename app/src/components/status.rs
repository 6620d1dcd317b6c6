//! The confirmation of an action.

use leptos::{ev::MouseEvent, prelude::*};

use super::icon::{Icon, Shape};

/// What has happened elsewhere, and the person should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    pub words: String,
    /// The id of the element that the news is about.
    pub about: String,
}

/// A live region: each new `message` is read out and stays on the page, and so does news.
#[component]
pub fn Status(
    message: Signal<Option<String>>,
    #[prop(optional)] news: Option<Signal<Option<News>>>,
    /// Shows the element that the news is about, and moves the focus there.
    #[prop(optional)]
    show: Option<Callback<String>>,
) -> impl IntoView {
    let news = move || {
        let News { words, about } = news?.get()?;
        let href = ["#", &about].concat();
        let click = move |event: MouseEvent| {
            event.prevent_default();
            if let Some(show) = show {
                show.run(about.clone());
            }
        };
        Some(view! {
            <p class="status__message status__message--news">
                <Icon shape=Shape::Warning/>
                <a href=href on:click=click>{words}</a>
            </p>
        })
    };
    let message = move || {
        let words = message.get()?;
        Some(view! {
            <p class="status__message">
                <Icon shape=Shape::Check/>
                <span>{words}</span>
            </p>
        })
    };
    view! {
        <div class="status" role="status">
            {news}
            {message}
        </div>
    }
}
