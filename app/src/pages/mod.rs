//! The pages. Each requests its data from the server, and lays out components.
//!
//! A page's file has a `PAGE`, which says everything that the router, the guard, the menu and the tabs know of
//! the page. [`PAGES`] lists them.

pub mod activity;
pub mod add_company;
pub mod add_group;
pub mod add_user;
pub mod audit;
pub mod companies;
pub mod company;
pub mod databases;
pub mod devices;
pub mod forgotten_password;
pub mod group;
pub mod groups;
pub mod home;
pub mod log_in;
pub mod new_password;
#[cfg(feature = "ssr")]
pub(crate) mod no_access;
pub mod not_found;
pub mod policies;
pub mod profile;
pub mod rules;
pub mod security;
pub mod user;
pub mod users;

use leptos::prelude::AnyView;

use crate::{
    audience::Audience,
    components::{icon::Shape, top_bar::MenuItem},
    text::Text,
    wire::session::CurrentSession,
};

/// All pages. Links of the menu and tabs of My Profile are in this order.
pub const PAGES: &[Page] = &[
    home::PAGE,
    log_in::PAGE,
    forgotten_password::PAGE,
    new_password::PAGE,
    profile::PAGE,
    security::PAGE,
    devices::PAGE,
    activity::PAGE,
    users::PAGE,
    user::PAGE,
    add_user::PAGE,
    companies::PAGE,
    company::PAGE,
    add_company::PAGE,
    groups::PAGE,
    group::PAGE,
    add_group::PAGE,
    rules::PAGE,
    policies::PAGE,
    audit::PAGE,
    databases::PAGE,
];

/// The addresses that lead to a page of another address.
pub const REDIRECTS: &[Redirect] = &[];

/// A page.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// The path. A path with links from other files is a constant of `routes`.
    pub path: &'static str,
    /// The visitors who may see the page.
    pub audience: Audience,
    /// The title of the document, and the label of the page's tab.
    pub title: fn(Text) -> &'static str,
    /// The content, without the frame.
    pub view: fn() -> AnyView,
    /// What stands around the content.
    pub frame: PageFrame,
    /// The link in the person's menu.
    pub menu: Option<MenuItem>,
}

/// What stands around the content of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageFrame {
    /// The frame of every page.
    Plain,
    /// In addition, heading and tabs of My Profile, where the page is a tab.
    Profile,
}

/// An address that leads to a page.
#[derive(Clone, Copy, Debug)]
pub struct Redirect {
    /// The path, for the same people as the page.
    pub from: &'static str,
    /// The path of the page.
    pub to: &'static str,
}

impl Page {
    /// A page without a link in the menu.
    pub const fn new(
        path: &'static str,
        audience: Audience,
        title: fn(Text) -> &'static str,
        view: fn() -> AnyView,
    ) -> Self {
        Self {
            path,
            audience,
            title,
            view,
            frame: PageFrame::Plain,
            menu: None,
        }
    }

    /// The same page as a tab of My Profile.
    #[must_use]
    pub const fn in_profile(mut self) -> Self {
        self.frame = PageFrame::Profile;
        self
    }

    /// The same page with a link in the menu of everyone.
    #[must_use]
    pub const fn in_menu(self, icon: Shape, label: fn(Text) -> &'static str) -> Self {
        self.in_menu_if(icon, label, |_| true)
    }

    /// The same page with a link in the menu of people for whom `is_shown` holds.
    #[must_use]
    pub const fn in_menu_if(
        mut self,
        icon: Shape,
        label: fn(Text) -> &'static str,
        is_shown: fn(&CurrentSession) -> bool,
    ) -> Self {
        self.menu = Some(MenuItem {
            href: self.path,
            icon,
            label,
            audience: self.audience,
            is_shown,
        });
        self
    }
}
