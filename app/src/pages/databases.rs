//! Choose a database.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::Page;
use crate::{
    api::database::{SelectDatabase, database_choice, log_ins},
    audience::Audience,
    components::{
        error_alert::ErrorAlert,
        failure::Failure,
        icon::{Icon, Shape},
        language_chooser::LanguageChooser,
        loading::Loading,
        missing_database::MissingDatabase,
        narrow_page::NarrowPage,
        page_heading::PageHeading,
        submit_button::{Emphasis, SubmitButton},
        text_field::{Content, TextField},
    },
    page, routes,
    text::{Text, text},
    wire::{ApiError, database::DatabaseChoice},
    wording,
};

const ERROR: &str = "database-error";
const FORM: &str = "choose-database";
const POST: &str = "/api/select_database";

/// Choose a database.
pub const PAGE: Page = Page::new(
    routes::DATABASES,
    Audience::Anyone,
    Text::databases_title,
    || Databases().into_any(),
)
.in_menu_if(Shape::Database, Text::menu_switch_database, |session| {
    session.can_switch_database
});

/// The choice, and who is logged in, by database.
type Shown = (
    Result<DatabaseChoice, ApiError>,
    Result<BTreeMap<String, String>, ApiError>,
);

/// The databases to choose from.
#[component]
fn Databases() -> impl IntoView {
    let choice = Resource::new(
        || (),
        |()| async { (database_choice().await, log_ins().await) },
    );
    let error = Signal::stored(page::posted_error::<SelectDatabase>());
    view! {
        <NarrowPage below=move || view! { <Languages choice/> }>
            <PageHeading heading=text().databases_title()/>
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match choice.await {
                        (Ok(choice), Ok(log_ins)) => {
                            let typed = page::posted_field::<SelectDatabase>("database");
                            let choice = choice.choosing(typed);
                            view! { <Choice choice log_ins error/> }.into_any()
                        }
                        (Err(error), _) | (_, Err(error)) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Suspense>
        </NarrowPage>
    }
}

/// The languages of this server, if there is a choice. Their buttons belong to the form for a typed name, if the page has
/// one.
#[component]
fn Languages(choice: Resource<Shown>) -> impl IntoView {
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let (choice, _) = choice.await;
                let form = matches!(choice, Ok(DatabaseChoice::Typed { .. })).then_some(FORM);
                let languages = page::languages();
                view! { <LanguageChooser languages form page=routes::DATABASES/> }
            })}
        </Suspense>
    }
}

#[component]
fn Choice(
    choice: DatabaseChoice,
    /// The person who is logged in, by database. Only such a database can be the current one.
    log_ins: BTreeMap<String, String>,
    error: Signal<Option<ApiError>>,
) -> impl IntoView {
    match choice {
        DatabaseChoice::Missing => view! { <MissingDatabase/> }.into_any(),
        DatabaseChoice::Settled => view! { <Settled/> }.into_any(),
        DatabaseChoice::Typed { chosen } => view! { <Typed chosen error/> }.into_any(),
        DatabaseChoice::Listed { names, chosen } => view! {
            <ErrorAlert id=ERROR error/>
            <Listed names chosen log_ins/>
        }
        .into_any(),
    }
}

#[component]
fn Settled() -> impl IntoView {
    let text = text();
    view! {
        <p class="lead">{text.databases_settled()}</p>
        <p><a href=routes::LOG_IN>{text.databases_log_in()}</a></p>
    }
}

#[component]
fn Typed(chosen: Option<String>, error: Signal<Option<ApiError>>) -> impl IntoView {
    let text = text();
    let failed = error.with_untracked(Option::is_some);
    view! {
        <p class="lead">{text.databases_typed_lead()}</p>
        <form class="form" id=FORM method="post" action=POST>
            <TextField
                name="database"
                label=text.databases_name()
                content=Content::Database
                value=chosen.unwrap_or_default()
                invalid=Signal::stored(failed)
                error_id=ERROR
                autofocus=true
            />
            <ErrorAlert id=ERROR error field=Some("database")/>
            <SubmitButton
                label=text.databases_continue()
                emphasis=Emphasis::Primary
                pending=Signal::stored(false)
            />
        </form>
    }
}

/// A button for each database, because choosing is the only action here.
#[component]
fn Listed(
    names: Vec<String>,
    chosen: Option<String>,
    log_ins: BTreeMap<String, String>,
) -> impl IntoView {
    let person = |name: &String| {
        let name = log_ins.get(name)?;
        let words = text().databases_logged_in(&wording::isolated(name));
        Some(view! { <span class="choices__person">{words}</span> })
    };
    let buttons = names
        .into_iter()
        .map(|name| {
            let person = person(&name);
            let is_chosen = chosen.as_ref() == Some(&name);
            let is_current = is_chosen && log_ins.contains_key(&name);
            let mark = if is_current {
                text().databases_current()
            } else {
                text().databases_last_used()
            };
            let mark = is_chosen.then(|| view! { <span class="badge">{mark}</span> });
            view! {
                <li>
                    <button
                        class="choices__choice"
                        type="submit"
                        name="database"
                        value=name
                        aria-current=is_current.then_some("true")
                    >
                        <Icon shape=Shape::Database/>
                        <span class="choices__name">
                            <bdi>{name.clone()}</bdi>
                            {person}
                        </span>
                        {mark}
                        <Icon shape=Shape::ChevronRight/>
                    </button>
                </li>
            }
        })
        .collect_view();
    view! {
        <p class="lead">{text().databases_lead()}</p>
        <form method="post" action=POST>
            <ul class="choices" role="list">{buttons}</ul>
        </form>
    }
}
