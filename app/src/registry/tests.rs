use latchkey_words::Step;
use leptos::prelude::*;

use super::*;
use crate::{components::icon::Shape, text::Text};

fn product() -> Entries {
    Entries::of_the_product()
}

fn page(path: &'static str, audience: Audience) -> Page {
    Page::new(path, audience, Text::home_title, || ().into_any())
}

fn function(path: &'static str, audience: Audience) -> Function {
    Function {
        path,
        audience,
        form: None,
    }
}

fn refused(entries: Entries) -> Vec<Problem> {
    Registry::new(entries).unwrap_err().0
}

#[test]
fn the_product_contradicts_nothing() {
    let registry = Registry::new(product()).unwrap();
    assert_eq!(registry.audience("/login"), Some(Audience::Anyone));
    assert_eq!(registry.audience("/profile"), Some(Audience::Person));
    assert_eq!(
        registry.audience("/api/list_devices"),
        Some(Audience::Person)
    );
    assert_eq!(registry.audience("/nowhere"), None);
}

#[test]
fn menu_and_tabs_have_the_pages_that_say_so_in_the_order_of_the_list() {
    let menu = |path| page(path, Audience::Person).in_menu(Shape::Info, Text::home_title);
    let tab = |path| page(path, Audience::Person).in_profile();
    let pages = vec![tab("/b"), menu("/z"), tab("/a"), menu("/y")];
    let mut entries = product();
    let own: Vec<_> = entries.pages.iter().map(|page| page.path).collect();
    entries.pages.extend(pages);
    let registry = Registry::new(entries).unwrap();
    let is_new = |path: &&str| !own.contains(path);
    let items = registry.menu();
    let items: Vec<_> = items.iter().map(|item| item.href).filter(is_new).collect();
    assert_eq!(items, ["/z", "/y"]);
    let tabs = registry.tabs();
    let tabs: Vec<_> = tabs.iter().map(|tab| tab.href).filter(is_new).collect();
    assert_eq!(tabs, ["/b", "/a"]);
}

#[test]
fn a_path_that_is_taken_twice_is_refused_whatever_is_there() {
    let mut entries = product();
    entries.pages.push(page("/login", Audience::Person));
    entries
        .functions
        .push(function("/api/log_in", Audience::Anyone));
    entries.redirects.push(Redirect {
        from: "/databases",
        to: "/",
    });
    entries
        .others
        .push(Route::new("/profile/devices", Audience::Anyone));
    assert_eq!(
        refused(entries),
        [
            Problem::Twice("/login"),
            Problem::Twice("/databases"),
            Problem::Twice("/api/log_in"),
            Problem::Twice("/profile/devices"),
        ]
    );
}

#[test]
fn a_redirect_or_a_form_that_leads_nowhere_is_refused() {
    let mut entries = product();
    entries.redirects.push(Redirect {
        from: "/old",
        to: "/gone",
    });
    let form = function("/api/x", Audience::Person).with_form("/lost", &[]);
    entries.functions.push(form);
    assert_eq!(
        refused(entries),
        [
            Problem::LeadsNowhere {
                from: "/old",
                to: "/gone"
            },
            Problem::LeadsNowhere {
                from: "/api/x",
                to: "/lost"
            },
        ]
    );
}

#[test]
fn pages_and_functions_have_paths_of_their_own() {
    let mut entries = product();
    for path in ["/api/page", "page", "/page/"] {
        entries.pages.push(page(path, Audience::Person));
    }
    entries
        .functions
        .push(function("/page/function", Audience::Person));
    let expected = ["/api/page", "page", "/page/", "/page/function"];
    assert_eq!(refused(entries), expected.map(Problem::Misplaced));
}

#[test]
fn a_step_needs_its_page() {
    let mut entries = product();
    entries.pages.retain(|page| page.path != "/new-password");
    let problems = refused(entries);
    let step = Audience::Step(Step::NewPassword);
    assert!(problems.contains(&Problem::StepWithoutPage("/api/password_minimum")));
    assert!(problems.contains(&Problem::LeadsNowhere {
        from: "/api/set_new_password",
        to: "/new-password"
    }));

    let mut entries = product();
    for page in &mut entries.pages {
        if page.audience == step {
            page.audience = Audience::Person;
        }
    }
    assert!(refused(entries).contains(&Problem::StepWithoutPage("/api/set_new_password")));
}

#[test]
fn a_function_that_no_file_declares_is_refused() {
    let mut entries = product();
    entries
        .functions
        .retain(|function| function.path != "/api/log_in");
    assert_eq!(refused(entries), [Problem::Undeclared("/api/log_in")]);
}

#[test]
fn all_mistakes_are_said_at_once() {
    let mut entries = product();
    entries.pages.push(page("/login", Audience::Person));
    entries.redirects.push(Redirect {
        from: "/old",
        to: "/gone",
    });
    assert_eq!(
        Registry::new(entries).unwrap_err().to_string(),
        "the pages and functions of this program contradict each other:\
         \n  /login is the path of more than one page, function or file\
         \n  /old leads to /gone, which is no page"
    );
}

#[test]
fn no_password_and_no_code_is_filled_in_again() {
    let registry = Registry::new(product()).unwrap();
    for field in registry.forms().flat_map(|form| form.kept) {
        let is_secret = field.contains("password") || field.contains("code");
        assert!(!is_secret, "{field}");
    }
}

#[test]
fn a_form_of_strangers_is_on_a_page_of_strangers() {
    let registry = Registry::new(product()).unwrap();
    // Logging out leads home, and the guard leads on from there.
    let forms = registry
        .forms()
        .filter(|form| form.function != "/api/log_out");
    for form in forms {
        if registry.audience(form.function) == Some(Audience::Anyone) {
            let page = registry.audience(form.page);
            assert_eq!(page, Some(Audience::Anyone), "{form:?}");
        }
    }
}
