//! What the frame says about the companies of the session: a choice was refused, or a company is lost.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::{
    api::company::ChooseCompanies,
    page,
    text::{self, text},
    wording,
};

/// The notices. Each is told once.
#[component]
pub fn CompanyNotice() -> impl IntoView {
    let refused = page::posted_error::<ChooseCompanies>().map(|error| {
        let sentence = wording::error(text::error(), &error);
        view! {
            <div class="alert notice notice--page" role="alert">
                <Icon shape=Shape::Alert/>
                <p>{sentence}</p>
            </div>
        }
    });
    let lost = page::has_lost_company().then(|| {
        view! {
            <div class="notice notice--page" role="status">
                <Icon shape=Shape::Info/>
                <p>{text().companies_lost()}</p>
            </div>
        }
    });
    (refused, lost)
}
