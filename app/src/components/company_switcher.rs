//! The choice of the companies that the session works for, in the top bar.

use leptos::prelude::*;
use server_fn::ServerFn;

use super::{
    company_mark::CompanyMark,
    icon::{Icon, Shape},
};
use crate::{
    api::company::ChooseCompanies,
    page,
    text::{self, text},
    wire::company::CompanyChoice,
    wording,
};

/// The element id of the menu.
const MENU: &str = "company-menu";

/// The element id of the form of the buttons that each choose one company. Enter on a box sends the first button of the
/// box's form, so that these buttons belong to another form.
const ONLY: &str = "only-company";

/// The logo of the main company; a button with the companies at present, and the menu to choose others, where there is a choice. Script
/// reads the part again when the person's companies change (`renew.js`). The part is the same on every page, as all of the bar.
#[component]
pub fn CompanySwitcher(
    companies: Vec<CompanyChoice>,
    /// The address of the logo.
    logo: Option<String>,
) -> impl IntoView {
    // The name stands beside the logo, or there is one company only.
    let logo = logo.map(|logo| view! { <img class="top-bar__logo" src=logo alt=""/> });
    view! {
        <div class="top-bar__companies" id="companies" data-renewed="devices">
            {logo}
            {menu(companies)}
        </div>
    }
}

fn menu(companies: Vec<CompanyChoice>) -> Option<impl IntoView> {
    let text = text();
    let main = companies.iter().find(|company| company.is_main)?.clone();
    let further = companies
        .iter()
        .filter(|company| company.is_active && !company.is_main);
    let further = u32::try_from(further.count()).unwrap_or(u32::MAX);
    let label = match further {
        0 => wording::isolated(&main.name),
        _ => text.companies_and_further(further, &wording::isolated(&main.name)),
    };
    let mark = main
        .colour
        .map(|colour| view! { <CompanyMark colour=Some(colour)/> });
    // A long name is cut off, its number is not.
    let number = (further > 0).then(|| {
        let number = ["+", &further.to_string()].concat();
        view! { <bdi class="badge">{number}</bdi> }
    });
    let address = page::form_address(ChooseCompanies::PATH);
    let rows = companies
        .into_iter()
        .map(|company| view! { <CompanyRow company/> })
        .collect_view();

    Some(view! {
        <button
            class="top-bar__company"
            type="button"
            popovertarget=MENU
            aria-label=text.companies_button(&label)
        >
            {mark}
            <bdi class="top-bar__name">{main.name}</bdi>
            {number}
            <Icon shape=Shape::ChevronDown/>
        </button>
        <div class="menu" id=MENU popover="auto" role="group" aria-label=text.companies_title()>
            <form id=ONLY method="post" action=address.clone() data-comes-back></form>
            <form
                class="companies"
                method="post"
                action=address
                data-comes-back
                data-tick-one=text::error().no_company()
            >
                <fieldset class="companies__list">
                    <legend class="companies__title">{text.companies_title()}</legend>
                    {rows}
                </fieldset>
                <button class="button" type="submit">{text.companies_apply()}</button>
            </form>
        </div>
    })
}

/// A company with its box, and the button that works for it alone.
#[component]
fn CompanyRow(company: CompanyChoice) -> impl IntoView {
    let text = text();
    let CompanyChoice {
        id,
        name,
        colour,
        is_active,
        is_main,
    } = company;
    let main = is_main.then(|| view! { <span class="badge">{text.companies_main()}</span> });
    view! {
        <div class="companies__row">
            <label class="check">
                <input
                    class="check__box"
                    type="checkbox"
                    name="companies[]"
                    value=id.to_string()
                    checked=is_active
                />
                <CompanyMark colour/>
                <span class="companies__name">
                    <bdi>{name.clone()}</bdi>
                    {main}
                </span>
            </label>
            <button
                class="button"
                type="submit"
                form=ONLY
                name="only"
                value=id.to_string()
                aria-label=text.companies_only_label(&wording::isolated(&name))
            >
                {text.companies_only()}
            </button>
        </div>
    }
}
