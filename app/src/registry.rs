//! Everything that the server serves, in one place: pages, redirects, server functions, and other paths.
//!
//! Router, guard, forms, menu and tabs read the registry. What contradicts itself is refused when the server
//! starts, because a path that is taken twice would silently replace the other, and a link that leads nowhere
//! would be found by a person.

use std::collections::{HashMap, HashSet};

use thiserror::Error;

use crate::{
    api::FUNCTIONS,
    audience::Audience,
    components::{profile_frame::Tab, top_bar::MenuItem},
    function::{Form, Function},
    pages::{PAGES, Page, PageFrame, REDIRECTS, Redirect},
    routes,
};

/// The start of every server function's path, and of no page's path.
const FUNCTION: &str = "/api/";

/// A path that is neither a page nor a server function, such as a file.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The path, in axum's notation.
    pub path: &'static str,
    /// The visitors who get an answer.
    pub audience: Audience,
}

impl Route {
    /// A path and its audience.
    pub const fn new(path: &'static str, audience: Audience) -> Self {
        Self { path, audience }
    }
}

/// What is registered, before it is checked.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// The pages.
    pub pages: Vec<Page>,
    /// The addresses that lead to pages.
    pub redirects: Vec<Redirect>,
    /// The server functions.
    pub functions: Vec<Function>,
    /// All other paths.
    pub others: Vec<Route>,
}

/// Everything that the server serves.
#[derive(Debug)]
pub struct Registry {
    entries: Entries,
    audiences: HashMap<&'static str, Audience>,
}

/// The reasons why the server does not start with these entries.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("the pages and functions of this program contradict each other:{}", list(.0))]
pub struct RegistryError(pub Vec<Problem>);

/// A reason why the server does not start.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Problem {
    /// A path is taken twice.
    #[error("{0} is the path of more than one page, function or file")]
    Twice(&'static str),
    /// The path of a page or function is not where pages or functions are.
    #[error(
        "{0} is misplaced: functions are below {FUNCTION}, pages are not, and no page's path ends with a slash"
    )]
    Misplaced(&'static str),
    /// Something leads to a page that is not registered.
    #[error("{from} leads to {to}, which is no page")]
    LeadsNowhere {
        /// What leads to the page.
        from: &'static str,
        /// The path.
        to: &'static str,
    },
    /// A step of the log-in has no page.
    #[error("{0} is for a step of the log-in, but the page of this step is not registered")]
    StepWithoutPage(&'static str),
    /// A server function that no file declares.
    #[error("the server function {0} has no audience: `FUNCTIONS` of its file must list it")]
    Undeclared(&'static str),
}

impl Entries {
    /// The pages and functions of the product.
    pub fn of_the_product() -> Self {
        Self {
            pages: PAGES.to_vec(),
            redirects: REDIRECTS.to_vec(),
            functions: FUNCTIONS.concat(),
            others: Vec::new(),
        }
    }

    fn paths(&self) -> impl Iterator<Item = (&'static str, Audience)> {
        let pages = self.pages.iter().map(|page| (page.path, page.audience));
        let redirects = self.redirects.iter().map(|redirect| {
            let page = self.page(redirect.to);
            (
                redirect.from,
                page.map_or(Audience::Person, |page| page.audience),
            )
        });
        let functions = self.functions.iter();
        let functions = functions.map(|function| (function.path, function.audience));
        let others = self.others.iter().map(|route| (route.path, route.audience));
        pages.chain(redirects).chain(functions).chain(others)
    }

    fn page(&self, path: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.path == path)
    }

    fn problems(&self) -> Vec<Problem> {
        let mut taken = HashSet::new();
        let twice = self.paths().filter(|(path, _)| !taken.insert(*path));
        let mut problems: Vec<_> = twice.map(|(path, _)| Problem::Twice(path)).collect();
        problems.extend(self.misplaced().map(Problem::Misplaced));
        problems.extend(self.dead_ends());
        problems.extend(self.steps_without_page().map(Problem::StepWithoutPage));
        problems.extend(self.undeclared().map(Problem::Undeclared));
        problems
    }

    fn misplaced(&self) -> impl Iterator<Item = &'static str> {
        let pages = self.pages.iter().map(|page| page.path);
        let redirects = self.redirects.iter().map(|redirect| redirect.from);
        let pages = pages.chain(redirects).filter(|path| {
            let ends_well = *path == routes::HOME || !path.ends_with('/');
            !path.starts_with('/') || path.starts_with(FUNCTION) || !ends_well
        });
        let functions = self.functions.iter().map(|function| function.path);
        pages.chain(functions.filter(|path| !path.starts_with(FUNCTION)))
    }

    fn dead_ends(&self) -> impl Iterator<Item = Problem> {
        let redirects = self
            .redirects
            .iter()
            .map(|redirect| (redirect.from, redirect.to));
        let forms = self.functions.iter().filter_map(|function| function.form);
        let links = redirects.chain(forms.map(|form| (form.function, form.page)));
        links
            .filter(|(_, to)| self.page(to).is_none())
            .map(|(from, to)| Problem::LeadsNowhere { from, to })
    }

    fn steps_without_page(&self) -> impl Iterator<Item = &'static str> {
        let lacks_page = |audience: Audience| match audience {
            Audience::Step(step) => {
                let page = self.page(routes::of_step(step));
                page.is_none_or(|page| page.audience != audience)
            }
            Audience::Anyone | Audience::Bearer | Audience::Person | Audience::Right(..) => false,
        };
        let paths = self
            .paths()
            .filter(move |(_, audience)| lacks_page(*audience));
        paths.map(|(path, _)| path)
    }

    /// The functions that `#[server]` has made and no file declares.
    fn undeclared(&self) -> impl Iterator<Item = &'static str> {
        let declared: HashSet<_> = self
            .functions
            .iter()
            .map(|function| function.path)
            .collect();
        let made = server_fn::axum::server_fn_paths().map(|(path, _)| path);
        made.filter(move |path| !declared.contains(path))
    }
}

impl Registry {
    /// Checks the entries.
    pub fn new(entries: Entries) -> Result<Self, RegistryError> {
        let problems = entries.problems();
        if !problems.is_empty() {
            return Err(RegistryError(problems));
        }
        let audiences = entries.paths().collect();
        Ok(Self { entries, audiences })
    }

    /// All pages.
    pub fn pages(&self) -> &[Page] {
        &self.entries.pages
    }

    /// The addresses that lead to pages.
    pub fn redirects(&self) -> &[Redirect] {
        &self.entries.redirects
    }

    /// All paths, with the visitors who may reach them.
    pub fn paths(&self) -> impl Iterator<Item = (&'static str, Audience)> {
        self.entries.paths()
    }

    /// The visitors who may reach a path; `None` if nothing is there.
    pub fn audience(&self, path: &str) -> Option<Audience> {
        self.audiences.get(path).copied()
    }

    /// The form that is posted to a server function.
    pub fn form(&self, function: &str) -> Option<Form> {
        self.forms().find(|form| form.function == function)
    }

    /// All forms that work without script.
    pub fn forms(&self) -> impl Iterator<Item = Form> {
        self.entries
            .functions
            .iter()
            .filter_map(|function| function.form)
    }

    /// The links of the person's menu.
    pub(crate) fn menu(&self) -> Vec<MenuItem> {
        self.pages().iter().filter_map(|page| page.menu).collect()
    }

    /// The paths of the pages that stand in one frame with this page, with spaces between them. These are the pages for
    /// people who are logged in.
    pub(crate) fn frame_of(&self, page: &Page) -> Option<String> {
        let is_framed =
            |page: &&Page| matches!(page.audience, Audience::Person | Audience::Right(..));
        let framed = self.pages().iter().filter(is_framed);
        let paths: Vec<_> = framed.map(|page| page.path).collect();
        paths.contains(&page.path).then(|| paths.join(" "))
    }

    /// The tabs of My Profile.
    pub(crate) fn tabs(&self) -> Vec<Tab> {
        let tabs = self
            .pages()
            .iter()
            .filter(|page| page.frame == PageFrame::Profile);
        let tabs = tabs.map(|page| Tab {
            href: page.path,
            label: page.title,
        });
        tabs.collect()
    }
}

fn list(problems: &[Problem]) -> String {
    let lines = problems.iter().map(|problem| format!("\n  {problem}"));
    lines.collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests;
