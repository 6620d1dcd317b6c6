//! Settings, Companies, a company: the name, what the company brings for its users, and whether the company is archived.

mod archiving;
mod profile;
mod renaming;

use latchkey_words::Verb;
use leptos::{either::Either, prelude::*};

use self::{archiving::Archiving, profile::ProfileForm, renaming::Renaming};
use super::Page;
use crate::{
    api::company::{
        ArchiveCompany, RenameCompany, RestoreCompany, SetCompanyProfile, show_company,
    },
    audience::Audience,
    components::{
        company_mark::CompanyMark, error_alert::ErrorAlert, failure::Failure, loading::Loading,
        page_heading::PageHeading, technical::TechnicalFact,
    },
    page, routes,
    text::{Text, text},
    wire::{ApiError, company::CompanyDetails},
    wording,
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
    let CompanyDetails {
        company: listed,
        colour,
        language,
        time_zone,
        logo,
        may_write,
        ..
    } = company.clone();
    let (id, is_archived) = (listed.id, listed.is_archived);
    let logo = logo.map(|logo| {
        view! { <p><img class="company-logo" src=logo alt=text.company_logo()/></p> }
    });
    let locale = (!may_write).then(|| {
        let colour = colour.map(|colour| {
            view! {
                <li>
                    <CompanyMark colour=Some(colour)/>
                    {text.company_colour()}
                </li>
            }
        });
        let language = language.map(|language| {
            view! { <li lang=language.code>{language.name}</li> }
        });
        let zone = time_zone.map(|zone| view! { <li>{wording::city(&zone)}</li> });
        (colour, language, zone)
    });
    let archived = is_archived.then(|| {
        view! { <li><span class="badge badge--notice">{text.company_is_archived()}</span></li> }
    });
    let content = if may_write {
        Either::Left(view! {
            <Renaming id name=listed.name.clone()/>
            <ProfileForm company/>
            <Archiving id is_archived/>
        })
    } else {
        // The person may have lost the right between the page and the form.
        let error = page::posted_error::<RenameCompany>()
            .or_else(page::posted_error::<SetCompanyProfile>)
            .or_else(page::posted_error::<ArchiveCompany>)
            .or_else(page::posted_error::<RestoreCompany>);
        let refused = error.map(|error| {
            view! { <ErrorAlert id="company-error" error=Signal::stored(Some(error))/> }
        });
        Either::Right(view! { {refused} <p>{text.company_closed()}</p> })
    };
    view! {
        {logo}
        <PageHeading heading=listed.name is_name=true/>
        <ul class="device__facts device__facts--quiet" role="list">
            {archived}
            <li>{text.group_users(listed.users)}</li>
            {locale}
            <TechnicalFact name=id.to_string()/>
        </ul>
        {content}
    }
    .into_any()
}
