//! The top bar: the link to Home, and the person's menu in the corner.

use leptos::prelude::*;

use super::{
    company_switcher::CompanySwitcher,
    debug_switch::{DebugMark, DebugSwitch},
    icon::{Icon, NamedIcon, Shape},
    log_out_form::LogOutForm,
};
use crate::{
    audience::Audience,
    page, routes,
    text::{Text, text},
    wire::{company::CompanyChoice, session::CurrentSession},
    wording,
};

/// The element id of the person's menu.
const MENU: &str = "account-menu";

/// The element id of the note about several databases.
const NOTE: &str = "log-out-note";

/// A link of the person's menu.
#[derive(Clone, Copy, Debug)]
pub struct MenuItem {
    /// The page that the link leads to.
    pub href: &'static str,
    /// The picture before the label.
    pub icon: Shape,
    /// The label.
    pub label: fn(Text) -> &'static str,
    /// The visitors who may see the page. The menu of others has no link to it.
    pub audience: Audience,
    /// Whether the menu of this person has the link.
    pub is_shown: fn(&CurrentSession) -> bool,
}

/// The links of the person's menu. Home shows them as tiles, too.
#[derive(Clone, Debug)]
struct Menu(Vec<MenuItem>);

/// Sets the links of the menu, for [`links_of_menu`].
pub fn provide_menu(items: Vec<MenuItem>) {
    provide_context(Menu(items));
}

/// The links that the menu of the person has.
pub fn links_of_menu(session: &CurrentSession) -> Vec<MenuItem> {
    let menu = use_context::<Menu>().map_or_else(Vec::new, |menu| menu.0);
    let is_shown = |item: &MenuItem| page::is_open(item.audience) && (item.is_shown)(session);
    menu.into_iter().filter(is_shown).collect()
}

/// The bar at the top of every page of a logged-in person.
#[component]
pub fn TopBar(
    session: CurrentSession,
    companies: Vec<CompanyChoice>,
    /// The address of the logo of the company.
    logo: Option<String>,
) -> impl IntoView {
    let text = text();
    let links = links_of_menu(&session)
        .into_iter()
        .map(|item| view! { <MenuLink item/> })
        .collect_view();
    let CurrentSession {
        login,
        name,
        database,
        ..
    } = session;
    let person = if name.trim().is_empty() {
        login.clone()
    } else {
        name
    };

    let (here, here_only) = if page::has_several_databases() {
        let label = text.menu_log_out_here(&wording::isolated(&database));
        let here = view! {
            <p class="top-bar__database">
                <NamedIcon shape=Shape::Database name=text.menu_database()/>
                <bdi class="top-bar__name">{database.clone()}</bdi>
            </p>
        };
        let here_only = view! {
            <li><LogOutHere label/></li>
            <li class="menu__note" id=NOTE>{text.menu_log_out_note()}</li>
        };
        (Some(here), Some(here_only))
    } else {
        (None, None)
    };

    view! {
        <header class="top-bar">
            <nav class="top-bar__nav" aria-label=text.frame_navigation()>
                <a class="top-bar__home" href=routes::HOME>
                    <Icon shape=Shape::Key/>
                    <span>{text.product()}</span>
                </a>
            </nav>
            {here}
            <DebugMark/>
            <CompanySwitcher companies logo/>
            <button
                class="top-bar__profile"
                type="button"
                popovertarget=MENU
                aria-label=text.frame_account_menu(&wording::isolated(&person))
            >
                <Icon shape=Shape::User/>
                <bdi class="top-bar__name">{person.clone()}</bdi>
                <Icon shape=Shape::ChevronDown/>
            </button>
            <div class="menu" id=MENU popover="auto" role="group" aria-label=text.frame_account()>
                <div class="menu__person">
                    <p class="menu__name"><bdi>{person}</bdi></p>
                    <dl class="menu__facts">
                        <div>
                            <dt>{text.menu_username()}</dt>
                            <dd><bdi>{login}</bdi></dd>
                        </div>
                        <div>
                            <dt>{text.menu_database()}</dt>
                            <dd><bdi>{database}</bdi></dd>
                        </div>
                    </dl>
                </div>
                <ul class="menu__items" role="list">
                    {links}
                    <DebugSwitch/>
                    <li>
                        <LogOutForm class="menu__item" note=here_only.is_some().then_some(NOTE)/>
                    </li>
                    {here_only}
                </ul>
            </div>
        </header>
    }
    .into_any()
}

/// The button that logs out of the page's database and leaves the browser's sessions in other databases alone.
#[component]
fn LogOutHere(label: String) -> impl IntoView {
    view! {
        <form method="post" action=page::form_address("/api/log_out")>
            <input type="hidden" name="here_only" value="true"/>
            <button class="menu__item" type="submit">
                <Icon shape=Shape::LogOut/>
                <span>{label}</span>
            </button>
        </form>
    }
}

#[component]
fn MenuLink(item: MenuItem) -> impl IntoView {
    view! {
        <li>
            <a class="menu__item" href=item.href>
                <Icon shape=item.icon/>
                <span>{(item.label)(text())}</span>
            </a>
        </li>
    }
}
