//! The confirmation of an action.

use leptos::prelude::*;

use super::icon::{Icon, Shape};

/// A live region: each new `message` is read out and stays on the page, and so does news.
#[component]
pub fn Status(
    message: Signal<Option<String>>,
    /// What has happened elsewhere, and the person should look at.
    #[prop(optional)]
    news: Option<Signal<Option<String>>>,
) -> impl IntoView {
    let news = move || {
        let class = "status__message status__message--news";
        let news = news?.get()?;
        Some(view! { <Said class shape=Shape::Warning words=news/> })
    };
    let message = move || {
        let class = "status__message";
        let message = message.get()?;
        Some(view! { <Said class shape=Shape::Check words=message/> })
    };
    view! {
        <div class="status" role="status">
            {news}
            {message}
        </div>
    }
}

#[component]
fn Said(class: &'static str, shape: Shape, words: String) -> impl IntoView {
    view! {
        <p class=class>
            <Icon shape/>
            <span>{words}</span>
        </p>
    }
}
