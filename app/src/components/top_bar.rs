//! The top bar: the link to Home, and the person's menu in the corner.

use leptos::prelude::*;

use super::{
    icon::{Icon, Shape},
    log_out_form::LogOutForm,
};
use crate::{api::session::CurrentSession, routes, text::text};

/// The element id of the person's menu.
const MENU: &str = "account-menu";

/// The bar at the top of every page of a logged-in person.
#[component]
pub fn TopBar(session: CurrentSession) -> impl IntoView {
    let text = text();
    let CurrentSession {
        login,
        name,
        database,
        can_switch_database,
        ..
    } = session;
    let person = if name.trim().is_empty() {
        login.clone()
    } else {
        name
    };

    view! {
        <header class="top-bar">
            <nav class="top-bar__nav" aria-label=text.frame_navigation()>
                <a class="top-bar__home" href=routes::HOME>
                    <Icon shape=Shape::Key/>
                    <span>{text.product()}</span>
                </a>
            </nav>
            <button class="top-bar__profile" type="button" popovertarget=MENU>
                <Icon shape=Shape::User/>
                <bdi class="top-bar__name">{person.clone()}</bdi>
                <Icon shape=Shape::ChevronDown/>
            </button>
            <div class="menu" id=MENU popover="auto" role="group" aria-label=text.frame_account()>
                <div class="menu__person">
                    <p class="menu__name"><bdi>{person}</bdi></p>
                    <dl class="menu__facts">
                        <div>
                            <dt>{text.menu_login()}</dt>
                            <dd><bdi>{login}</bdi></dd>
                        </div>
                        <div>
                            <dt>{text.menu_database()}</dt>
                            <dd><bdi>{database}</bdi></dd>
                        </div>
                    </dl>
                </div>
                <ul class="menu__items" role="list">
                    <li>
                        <a class="menu__item" href=routes::SECURITY>
                            <Icon shape=Shape::Shield/>
                            <span>{text.menu_profile()}</span>
                        </a>
                    </li>
                    {can_switch_database
                        .then(|| {
                            view! {
                                <li>
                                    <a class="menu__item" href=routes::DATABASES>
                                        <Icon shape=Shape::Database/>
                                        <span>{text.menu_switch_database()}</span>
                                    </a>
                                </li>
                            }
                        })}
                    <li>
                        <LogOutForm class="menu__item"/>
                    </li>
                </ul>
            </div>
        </header>
    }
    .into_any()
}
