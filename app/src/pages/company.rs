//! Settings, Companies, a company: the name, and whether the company is archived.

mod archiving;
mod renaming;

use latchkey_words::Verb;
use leptos::{either::Either, prelude::*};

use self::{archiving::Archiving, renaming::Renaming};
use super::Page;
use crate::{
    api::company::{ArchiveCompany, RenameCompany, RestoreCompany, show_company},
    audience::Audience,
    components::{
        error_alert::ErrorAlert, failure::Failure, loading::Loading, page_heading::PageHeading,
        technical::TechnicalFact,
    },
    page, routes,
    text::{Text, text},
    wire::{ApiError, company::CompanyDetails},
};

/// Settings, Companies, a company.
pub const PAGE: Page = Page::new(
    routes::COMPANY,
    Audience::Right(Verb::Read, latchkey_words::Resource::COMPANIES),
    Text::company_page_title,
    || OneCompany().into_any(),
);

/// The page. Its forms are posted without script, because script would make nothing better here.
#[component]
fn OneCompany() -> impl IntoView {
    let text = text();
    let id = page::query("id").unwrap_or_default();
    let company = Resource::new(move || id.clone(), show_company);
    view! {
        <div class="page">
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match company.await {
                        Ok(company) => Either::Left(view! { <Details company/> }),
                        Err(error) => Either::Right(view! { <NoCompany error/> }),
                    }
                })}
            </Suspense>
            <p><a href=routes::COMPANIES>{text.company_back()}</a></p>
        </div>
    }
}

#[component]
fn NoCompany(error: ApiError) -> impl IntoView {
    view! {
        <PageHeading heading=text().company_page_title()/>
        <Failure error/>
    }
}

#[component]
fn Details(company: CompanyDetails) -> impl IntoView {
    let text = text();
    let CompanyDetails { company, may_write } = company;
    let (id, is_archived) = (company.id, company.is_archived);
    let archived = is_archived.then(|| {
        view! { <li><span class="badge badge--notice">{text.company_is_archived()}</span></li> }
    });
    let content = if may_write {
        Either::Left(view! {
            <Renaming id name=company.name.clone()/>
            <Archiving id is_archived/>
        })
    } else {
        // The person may have lost the right between the page and the form.
        let error = page::posted_error::<RenameCompany>()
            .or_else(page::posted_error::<ArchiveCompany>)
            .or_else(page::posted_error::<RestoreCompany>);
        let refused = error.map(|error| {
            view! { <ErrorAlert id="company-error" error=Signal::stored(Some(error))/> }
        });
        Either::Right(view! { {refused} <p>{text.company_closed()}</p> })
    };
    view! {
        <PageHeading heading=company.name is_name=true/>
        <ul class="device__facts device__facts--quiet" role="list">
            {archived}
            <li>{text.group_users(company.users)}</li>
            <TechnicalFact name=id.to_string()/>
        </ul>
        {content}
    }
    .into_any()
}
