//! The panel of debug mode, below each page: the session, rights, settings, and the SQL statements of the page.

use leptos::prelude::*;

use crate::{
    page::debug,
    text::text,
    wire::debug::{DebugFacts, DebugMode, DebugRight, DebugSetting},
};

/// The element id of the panel.
pub const PANEL: &str = "debug";

const HEADING: &str = "debug-heading";
const STATEMENTS: &str = "debug-statements";

/// The panel. It is empty without debug mode.
#[component]
pub fn DebugPanel() -> impl IntoView {
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let facts = debug::facts().await?;
                Some(view! { <Panel facts/> })
            })}
        </Suspense>
    }
}

#[component]
fn Panel(facts: DebugFacts) -> impl IntoView {
    let text = text();
    let DebugFacts {
        mode,
        session,
        rights,
        settings,
    } = facts;
    let files = (mode == DebugMode::Assets).then(|| view! { <Files/> });
    view! {
        <section class="debug" id=PANEL aria-labelledby=HEADING tabindex="-1">
            <h2 class="debug__title" id=HEADING>{text.debug_title()}</h2>
            <Statements/>
            <details>
                <summary>{text.debug_session()}</summary>
                <Facts facts=session/>
            </details>
            <details>
                <summary>{text.debug_rights()}</summary>
                <Rights rights/>
            </details>
            <details>
                <summary>{text.debug_settings()}</summary>
                <Settings settings/>
            </details>
            {files}
        </section>
    }
    .into_any()
}

/// The list of statements. The server writes the rows when the page is finished (`web/debug_mode.rs`).
#[component]
fn Statements() -> impl IntoView {
    let text = text();
    view! {
        <details>
            <summary>
                <span id=STATEMENTS>{text.debug_statements()}</span>" " <bdi class="debug__sum" inner_html=debug::STATEMENTS_SUM></bdi>
            </summary>
            <div class="debug__scroll" role="group" tabindex="0" aria-labelledby=STATEMENTS>
                <table class="debug__table" dir="ltr">
                    <thead>
                        <tr>
                            <th scope="col">"ms"</th>
                            <th scope="col">{text.debug_rows()}</th>
                            <th scope="col">"SQL"</th>
                        </tr>
                    </thead>
                    <tbody inner_html=debug::STATEMENTS_ROWS></tbody>
                </table>
            </div>
        </details>
    }
}

#[component]
fn Facts(facts: Vec<(&'static str, String)>) -> impl IntoView {
    let facts = facts
        .into_iter()
        .map(|(name, value)| {
            view! {
                <div>
                    <dt><code>{name}</code></dt>
                    <dd><code>{value}</code></dd>
                </div>
            }
        })
        .collect_view();
    view! { <dl class="debug__facts" dir="ltr">{facts}</dl> }
}

#[component]
fn Rights(rights: Vec<DebugRight>) -> impl IntoView {
    let rights = rights
        .into_iter()
        .map(|right| {
            let rules = right
                .rules
                .into_iter()
                .map(|rule| view! { <dd><code>{rule}</code></dd> })
                .collect_view();
            view! {
                <div>
                    <dt><code>{right.resource}</code></dt>
                    <dd><code>{right.verbs}</code></dd>
                    {rules}
                </div>
            }
        })
        .collect_view();
    view! { <dl class="debug__facts" dir="ltr">{rights}</dl> }
}

#[component]
fn Settings(settings: Vec<DebugSetting>) -> impl IntoView {
    let settings = settings
        .into_iter()
        .map(|setting| {
            view! {
                <div>
                    <dt><code>{setting.name}</code></dt>
                    <dd><code>{[&*setting.value, " (", &setting.source, ")"].concat()}</code></dd>
                </div>
            }
        })
        .collect_view();
    view! { <dl class="debug__facts" dir="ltr">{settings}</dl> }
}

/// The files of the page, which the mode `assets` lists.
#[component]
fn Files() -> impl IntoView {
    let files = debug::files()
        .into_iter()
        .map(|file| {
            let address = file.clone();
            view! { <li><a href=address><code>{file}</code></a></li> }
        })
        .collect_view();
    view! {
        <details>
            <summary>{text().debug_files()}</summary>
            <ul class="debug__files" dir="ltr">{files}</ul>
        </details>
    }
}
