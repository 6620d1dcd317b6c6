//! Settings, Companies: the companies of the database, for people with the right to read companies.

use latchkey_words::Verb;
use leptos::{either::Either, prelude::*};

use super::{Page, add_company};
use crate::{
    api::company::{AddCompany, list_companies},
    audience::Audience,
    components::{
        done::Done, failure::Failure, icon::Shape, loading::Loading, page_heading::PageHeading,
    },
    page, routes,
    text::{Text, text},
    wire::company::ListedCompany,
};

/// Settings, Companies.
pub const PAGE: Page = Page::new(
    routes::COMPANIES,
    Audience::Right(Verb::Read, latchkey_words::Resource::COMPANIES),
    Text::companies_title,
    || Companies().into_any(),
)
.in_menu(Shape::Building, Text::companies_title);

/// The page. It has only links, because script would make nothing better here.
#[component]
fn Companies() -> impl IntoView {
    let text = text();
    let companies = Resource::new(|| (), |()| list_companies());
    view! {
        <div class="page">
            <PageHeading heading=text.companies_title()/>
            <p class="lead">{text.companies_lead()}</p>
            {page::posted_done::<AddCompany>()
                .map(|_| view! { <Done words=text.company_added().to_owned()/> })}
            {page::is_open(add_company::AUDIENCE)
                .then(|| {
                    view! {
                        <p>
                            <a class="button" href=routes::ADD_COMPANY>
                                {text.add_company_title()}
                            </a>
                        </p>
                    }
                })}
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match companies.await {
                        Ok(companies) => Either::Left(view! { <List companies/> }),
                        Err(error) => Either::Right(view! { <Failure error/> }),
                    }
                })}
            </Suspense>
        </div>
    }
}

/// The companies. The list is never empty: each person sees the companies that they may work for.
#[component]
fn List(companies: Vec<ListedCompany>) -> impl IntoView {
    let companies = companies
        .into_iter()
        .map(|company| view! { <li><OneCompany company/></li> })
        .collect_view();
    view! { <ul class="users" role="list" aria-label=text().companies_title()>{companies}</ul> }
}

/// A company with the number of its users, and whether it is archived.
#[component]
fn OneCompany(company: ListedCompany) -> impl IntoView {
    let text = text();
    let archived = company
        .is_archived
        .then(|| view! { <span class="badge badge--notice">{text.company_is_archived()}</span> });
    view! {
        <article class="user">
            <p class="user__name">
                <a href=routes::company(company.id)><bdi>{company.name}</bdi></a> {archived}
            </p>
            <ul class="device__facts device__facts--quiet" role="list">
                <li>{text.group_users(company.users)}</li>
            </ul>
        </article>
    }
    .into_any()
}
