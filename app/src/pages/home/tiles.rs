//! The tiles on Home: links to the pages that a right opens.

use leptos::prelude::*;

use crate::{
    audience::Audience,
    components::{icon::Icon, top_bar::MenuItem},
    routes,
    text::{Text, text},
    wire::home::{DatabaseNumbers, MOST_COUNTED},
};

const HEADING: &str = "home-tiles";

/// A tile for each page of the menu that a right opens, with its numbers. People without such a right get no tiles.
#[component]
pub(super) fn Tiles(
    /// The links that the menu of the person has.
    links: Vec<MenuItem>,
    numbers: DatabaseNumbers,
) -> impl IntoView {
    let text = text();
    let items = links.into_iter();
    let items = items.filter(|item| matches!(item.audience, Audience::Right(..)));
    let items: Vec<_> = items.collect();
    (!items.is_empty()).then(|| {
        let tiles = items
            .into_iter()
            .map(|item| {
                let facts = facts(text, item.href, numbers).into_iter();
                let facts = facts.map(|fact| view! { <span class="tile__fact">{fact}" "</span> });
                view! {
                    <li>
                        <a class="tile" href=item.href>
                            <Icon shape=item.icon/>
                            <span class="tile__name">{(item.label)(text)} " "</span>
                            <span class="tile__facts">{facts.collect_view()}</span>
                        </a>
                    </li>
                }
            })
            .collect_view();
        view! {
            <section class="panel" aria-labelledby=HEADING>
                <h2 class="panel__title" id=HEADING>{text.home_administration()}</h2>
                <ul class="tiles" role="list">{tiles}</ul>
            </section>
        }
    })
}

/// The numbers on the tile of a page.
fn facts(text: Text, href: &str, numbers: DatabaseNumbers) -> Vec<String> {
    let number = |number: Option<u32>, words: fn(Text, u32) -> String| {
        let number = number?;
        Some(if number > MOST_COUNTED {
            text.home_more_than(&words(text, MOST_COUNTED))
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
        routes::AUDIT => [
            number(numbers.audit_entries, Text::home_audit_entries),
            None,
        ],
        _ => [None, None],
    };
    facts.into_iter().flatten().collect()
}
