//! Replace a one-time password, before any other action.

use latchkey_words::Step;
use leptos::prelude::*;

use super::Page;
use crate::{
    api::password::{SetNewPassword, password_minimum},
    audience::Audience,
    browser,
    components::{
        error_alert::ErrorAlert,
        failure::Failure,
        language_chooser::LanguageChooser,
        loading::Loading,
        log_out_form::LogOutForm,
        narrow_page::NarrowPage,
        new_password_fields::{NewPasswordFields, wrong_field},
        page_heading::PageHeading,
        server_form::ServerForm,
        submit_button::{Emphasis, SubmitButton},
        username_hint::UsernameHint,
    },
    page, routes,
    text::{self, Text, text},
    wire::ApiError,
    wording,
};

const ERROR: &str = "new-password-error";

/// Replace a one-time password.
pub const PAGE: Page = Page::new(
    routes::NEW_PASSWORD,
    Audience::Step(Step::NewPassword),
    Text::new_password_title,
    || NewPassword().into_any(),
);

/// Explains this, and asks for the new password twice.
#[component]
fn NewPassword() -> impl IntoView {
    let text = text();
    let minimum = Resource::new(|| (), |()| password_minimum());
    let session = page::session();
    view! {
        <NarrowPage below=Languages>
            <PageHeading heading=text.new_password_title()/>
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match (session.await, minimum.await) {
                        (Ok(session), Ok(minimum)) => {
                            let login = session.map(|session| session.login);
                            let account = wording::isolated(login.as_deref().unwrap_or_default());
                            let posted = page::posted_error::<SetNewPassword>();
                            view! {
                                <p class="lead">{text.new_password_lead(&account)}</p>
                                <NewPasswordForm minimum login posted/>
                            }
                                .into_any()
                        }
                        (Err(error), _) | (_, Err(error)) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Suspense>
            <LogOutForm class="button button--plain"/>
        </NarrowPage>
    }
}

#[component]
fn Languages() -> impl IntoView {
    view! { <LanguageChooser languages=page::languages() page=routes::NEW_PASSWORD/> }
}

#[cfg_attr(any(feature = "ssr", feature = "logged-in"), island)]
#[cfg_attr(not(any(feature = "ssr", feature = "logged-in")), component)]
fn NewPasswordForm(minimum: u32, login: Option<String>, posted: Option<ApiError>) -> impl IntoView {
    let (action, error) = page::form_action::<SetNewPassword>(posted);
    let value = action.value();
    Effect::new(move |_| {
        if let Some(Ok(landing)) = value.get() {
            browser::go(&landing.location);
        }
    });
    let pending = Signal::derive(move || {
        action.pending().get() || value.with(|value| matches!(value, Some(Ok(_))))
    });
    let field = Signal::derive(move || error.with(|error| wrong_field(error.as_ref())));
    let typed = RwSignal::new(0);
    let starts_here = error.with_untracked(Option::is_none);

    view! {
        <ServerForm action>
            <div class="form">
                <UsernameHint login/>
                <NewPasswordFields minimum error error_id=ERROR typed autofocus=starts_here/>
                <div class="form__error">
                    <ErrorAlert id=ERROR error field/>
                </div>
                <SubmitButton label=text::new_password().submit() emphasis=Emphasis::Primary pending/>
            </div>
        </ServerForm>
    }
}
