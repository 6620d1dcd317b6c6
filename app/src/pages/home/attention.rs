//! What the person should look at.

use leptos::prelude::*;

use crate::{
    components::{
        icon::{Icon, Shape},
        new_log_ins::{Attention, NEWS, NewLogIns},
    },
    routes,
    text::text,
    wire::{
        Moment,
        home::{Attention as WhatNeedsAttention, Failures},
    },
};

/// A line for each thing that the person should look at, or one quiet line. Script reads the part again when the
/// person's sessions change (`renew.js`).
#[component]
pub(super) fn AttentionList(attention: WhatNeedsAttention) -> impl IntoView {
    let text = text();
    // On a new device, Home alone tells of other new devices, because the person can settle nothing there.
    let is_settled_here = attention
        .new_devices
        .iter()
        .all(|device| device.can_be_acknowledged);
    let news = is_settled_here.then_some(NEWS);
    let calm = attention.is_empty().then(|| {
        view! {
            <p class="attention__calm">
                <Icon shape=Shape::Check/>
                <span>{text.home_calm()}</span>
            </p>
        }
    });
    let failures = attention.failures.map(|Failures { count, last_at }| {
        let words = text.home_failures(count, &last_at.phrase);
        view! { <Failed moment=last_at words/> }
    });
    let guesses = attention.guesses.map(|Failures { count, last_at }| {
        let words = text.home_guesses(count, &last_at.phrase);
        view! { <Failed moment=last_at words/> }
    });
    let end = attention.ends_at.map(|at| {
        let words = text.home_ends(&at.phrase);
        view! { <Attention moment=at words/> }
    });
    view! {
        <div class="attention" id="home-attention" role="status" data-renewed="devices">
            {calm}
            <div class="attention__new" id=news>
                <NewLogIns devices=attention.new_devices/>
            </div>
            {failures}
            {guesses}
            {end}
        </div>
    }
}

#[component]
fn Failed(moment: Moment, words: String) -> impl IntoView {
    view! {
        <Attention moment words>
            <a class="button" href=routes::activity("failed", None)>
                {text().home_failures_link()}
            </a>
        </Attention>
    }
}
