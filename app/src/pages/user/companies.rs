//! The companies that a user may work for.

use latchkey_words::UserId;
use leptos::{either::Either, prelude::*};
use server_fn::ServerFn;

use crate::{
    api::user::SetUserCompanies,
    components::{
        confirming_password::{ConfirmingPassword, is_about_password},
        done::Done,
        error_alert::ErrorAlert,
        plain_form::PlainForm,
        shown::{SHOWN, Shown},
        submit_button::{Emphasis, SubmitButton},
    },
    page,
    text::text,
    wire::user::CompanyOfUser,
};

const TITLE: &str = "companies-of-user";
const FIELD: &str = "companies[]";
const PASSWORD: &str = "companies-password";
const ERROR: &str = "companies-error";

/// The companies with boxes, or the names of the user's companies if the person may not change the user.
#[component]
pub fn Companies(id: UserId, companies: Vec<CompanyOfUser>, may_write: bool) -> impl IntoView {
    let content = if may_write {
        Either::Left(view! { <CompaniesForm id companies/> })
    } else {
        let given = companies.into_iter().filter(|company| company.is_given);
        let given = given
            .map(|company| view! { <li><bdi>{company.name}</bdi></li> })
            .collect_view();
        Either::Right(view! { <ul role="list">{given}</ul> })
    };
    view! {
        <section class="panel" aria-labelledby=TITLE>
            <h2 class="panel__title" id=TITLE>{text().companies_title()}</h2>
            {content}
        </section>
    }
}

#[component]
fn CompaniesForm(id: UserId, companies: Vec<CompanyOfUser>) -> impl IntoView {
    let text = text();
    let done = page::posted_done::<SetUserCompanies>()
        .map(|_| view! { <Done words=text.user_companies_saved().to_owned()/> });
    let posted = page::posted_error::<SetUserCompanies>();
    let ticked = page::posted_fields::<SetUserCompanies>(FIELD);
    let is_password = is_about_password(posted.as_ref());
    let field = is_password.then_some(PASSWORD);
    let is_refused = posted.is_some();
    let error = Signal::derive(move || posted.clone());
    let shown = companies.iter().filter(|company| company.is_given);
    let shown = shown.map(|company| company.id.to_string()).collect();
    // Ticks of a refused form go with what that form has shown.
    let shown = page::posted_fields::<SetUserCompanies>(SHOWN).unwrap_or(shown);
    let boxes = companies.into_iter().map(|company| {
        let id = company.id.to_string();
        let checked = match &ticked {
            Some(ticked) => ticked.contains(&id),
            None => company.is_given,
        };
        view! {
            <label class="check">
                <input
                    class="check__box"
                    type="checkbox"
                    name=FIELD
                    value=id
                    checked=checked
                />
                <span><bdi>{company.name}</bdi></span>
            </label>
        }
    });
    let boxes = boxes.collect_view();
    view! {
        <p class="lead">{text.user_companies_lead()}</p>
        {done}
        <PlainForm function=SetUserCompanies::PATH id=id.to_string() is_refused>
            <Shown values=shown/>
            <fieldset class="checks" aria-labelledby=TITLE>{boxes}</fieldset>
            <ConfirmingPassword id=PASSWORD error_id=ERROR invalid=is_password/>
            <ErrorAlert id=ERROR error field=Signal::stored(field)/>
            <SubmitButton
                label=text.user_companies_submit()
                emphasis=Emphasis::Primary
                pending=Signal::stored(false)
            />
        </PlainForm>
    }
}
