//! What the person may open besides the own profile.

use leptos::prelude::*;

use crate::{
    audience::Audience,
    components::{
        icon::Icon,
        top_bar::{self, MenuItem},
    },
    page, routes,
    text::{Text, text},
    wire::home::Numbers,
};

const HEADING: &str = "home-tiles";

/// A tile for each page of the menu that a right opens, with how much there is. There is no such part without such a right.
#[component]
pub(super) fn Tiles(numbers: Numbers) -> impl IntoView {
    let text = text();
    let open = |item: &MenuItem| {
        matches!(item.audience, Audience::Right(..)) && page::is_open(item.audience)
    };
    let items: Vec<_> = top_bar::menu().into_iter().filter(open).collect();
    (!items.is_empty()).then(|| {
        let tiles = items
            .into_iter()
            .map(|item| {
                let facts = facts(text, item.href, &numbers).into_iter();
                let facts = facts.map(|fact| view! { <span class="tile__fact">{fact}</span> });
                view! {
                    <li>
                        <a class="tile" href=item.href>
                            <Icon shape=item.icon/>
                            <span class="tile__name">{(item.label)(text)}</span>
                            {facts.collect_view()}
                        </a>
                    </li>
                }
            })
            .collect_view();
        view! {
            <section aria-labelledby=HEADING>
                <h2 class="panel__title" id=HEADING>{text.home_administration()}</h2>
                <ul class="tiles" role="list">{tiles}</ul>
            </section>
        }
    })
}

/// How much there is behind a link.
fn facts(text: Text, href: &str, numbers: &Numbers) -> Vec<String> {
    let number = |number: Option<u32>, words: fn(Text, u32) -> String| {
        let number = number?;
        Some(if number > numbers.most {
            text.home_more_than(&words(text, numbers.most))
        } else {
            words(text, number)
        })
    };
    let facts = match href {
        routes::USERS => [
            number(numbers.users, Text::group_users),
            number(numbers.sessions, Text::home_sessions),
        ],
        routes::COMPANIES => [number(numbers.companies, Text::home_companies), None],
        routes::GROUPS => [number(numbers.groups, Text::home_groups), None],
        routes::POLICIES => [number(numbers.policies, Text::home_policies), None],
        routes::AUDIT => [number(numbers.changes, Text::home_changes), None],
        _ => [None, None],
    };
    facts.into_iter().flatten().collect()
}
