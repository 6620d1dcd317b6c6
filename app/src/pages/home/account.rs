//! The account.

use leptos::prelude::*;

use crate::{
    components::time::Time,
    routes,
    text::text,
    wire::{Moment, session::CurrentSession},
};

const HEADING: &str = "home-account";
const NAME: &str = "home-name";
const DATABASE: &str = "home-database";
const PASSWORD: &str = "home-password";

/// Name, username, database and password, and the ways to change them.
#[component]
pub(super) fn Account(
    session: CurrentSession,
    password_changed_at: Option<Moment>,
) -> impl IntoView {
    let text = text();
    let switch = session.can_switch_database.then(|| {
        view! { <Action id="home-switch" href=routes::DATABASES label=text.home_switch() about=DATABASE/> }
    });
    let changed = password_changed_at.map(|at| {
        let words = text.home_password_changed(&at.phrase);
        view! { <Time moment=at words/> }
    });
    view! {
        <section class="panel" aria-labelledby=HEADING>
            <h2 class="panel__title" id=HEADING>{text.home_account()}</h2>
            <dl class="facts facts--actions">
                <div class="facts__row">
                    <dt id=NAME>{text.home_name()}</dt>
                    <dd><bdi>{session.name}</bdi></dd>
                    <dd>
                        <Action id="home-rename" href=routes::PROFILE label=text.home_change() about=NAME/>
                    </dd>
                </div>
                <div class="facts__row">
                    <dt>{text.home_username()}</dt>
                    <dd><bdi>{session.login}</bdi></dd>
                </div>
                <div class="facts__row">
                    <dt id=DATABASE>{text.home_database()}</dt>
                    <dd><bdi>{session.database}</bdi></dd>
                    {switch.map(|switch| view! { <dd>{switch}</dd> })}
                </div>
                <div class="facts__row">
                    <dt id=PASSWORD>{text.home_password()}</dt>
                    <dd>{changed}</dd>
                    <dd>
                        <Action id="home-password-change" href=routes::SECURITY label=text.home_change() about=PASSWORD/>
                    </dd>
                </div>
            </dl>
        </section>
    }
    .into_any()
}

/// A link whose name for screen readers also has the fact that it changes.
#[component]
fn Action(
    id: &'static str,
    href: &'static str,
    label: &'static str,
    /// The element id of the fact's term.
    about: &'static str,
) -> impl IntoView {
    let labelled_by = format!("{id} {about}");
    view! { <a class="facts__action" id=id href=href aria-labelledby=labelled_by>{label}</a> }
}
