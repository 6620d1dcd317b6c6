//! What a company brings for its users: the mark, the language and the time zone.

use latchkey_words::CompanyId;
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::{
    api::company::SetCompanyProfile,
    components::{
        confirming_password::{ConfirmingPassword, is_about_password},
        done::Done,
        error_alert::ErrorAlert,
        locale_options::{languages, zones},
        plain_form::PlainForm,
        select_field::SelectField,
        submit_button::{Emphasis, SubmitButton},
    },
    page,
    text::text,
    wire::{
        ApiError,
        company::CompanyDetails,
        profile::{LanguageChoice, PreferenceField},
    },
};

const TITLE: &str = "company-profile";
const LANGUAGE: &str = "language";
const TIME_ZONE: &str = "time_zone";
const PASSWORD: &str = "company-profile-password";
const ERROR: &str = "company-profile-error";

/// The colour that the field has before a person chooses one. The style sheet's colours are not those of companies.
const FIRST_COLOUR: &str = "#0f766e";

/// What the form shows at first: the values of a form that was refused, else the saved ones.
struct Shown {
    marked: bool,
    colour: String,
    language: String,
    time_zone: String,
}

impl Shown {
    fn of(company: &CompanyDetails, is_refused: bool) -> Self {
        let posted = |name| page::posted_field::<SetCompanyProfile>(name);
        let saved = |saved: Option<&str>| saved.unwrap_or_default().to_owned();
        let colour = company.colour.clone();
        let language = company.language.as_ref();
        let language = language.map(|LanguageChoice { code, .. }| code.as_str());
        Self {
            marked: if is_refused {
                posted("marked").is_some()
            } else {
                colour.is_some()
            },
            colour: posted("colour")
                .or(colour)
                .unwrap_or(FIRST_COLOUR.to_owned()),
            language: posted(LANGUAGE).unwrap_or_else(|| saved(language)),
            time_zone: posted(TIME_ZONE).unwrap_or_else(|| saved(company.time_zone.as_deref())),
        }
    }
}

/// The form.
#[component]
pub fn ProfileForm(company: CompanyDetails) -> impl IntoView {
    let text = text();
    let done = page::posted_done::<SetCompanyProfile>()
        .map(|_| view! { <Done words=text.company_profile_saved().to_owned()/> });
    let posted = page::posted_error::<SetCompanyProfile>();
    let is_refused = posted.is_some();
    let field = match &posted {
        Some(ApiError::UnknownPreference(PreferenceField::Language)) => Some(LANGUAGE),
        Some(ApiError::UnknownPreference(PreferenceField::TimeZone)) => Some(TIME_ZONE),
        error if is_about_password(error.as_ref()) => Some(PASSWORD),
        _ => None,
    };
    let error = Signal::derive(move || posted.clone());
    let shown = Shown::of(&company, is_refused);
    let CompanyDetails {
        company,
        languages: offered,
        zones: groups,
        ..
    } = company;
    let id: CompanyId = company.id;
    view! {
        <section class="panel" aria-labelledby=TITLE>
            <h2 class="panel__title" id=TITLE>{text.company_profile_title()}</h2>
            <p>{text.company_profile_about()}</p>
            {done}
            <PlainForm function=SetCompanyProfile::PATH id=id.to_string() is_refused>
                <div class="company-colour">
                    <label class="check">
                        <input
                            class="check__box"
                            type="checkbox"
                            name="marked"
                            checked=shown.marked
                            autocomplete="off"
                        />
                        <span>{text.company_marked()}</span>
                    </label>
                    <input
                        class="company-colour__field"
                        type="color"
                        name="colour"
                        value=shown.colour
                        aria-label=text.company_colour()
                        autocomplete="off"
                    />
                </div>
                <SelectField
                    name=LANGUAGE
                    label=text.profile_language()
                    invalid=field == Some(LANGUAGE)
                    error_id=ERROR
                >
                    {languages(
                        text.profile_language_automatic().to_owned(),
                        offered,
                        &shown.language,
                    )}
                </SelectField>
                <SelectField
                    name=TIME_ZONE
                    label=text.profile_time_zone()
                    invalid=field == Some(TIME_ZONE)
                    error_id=ERROR
                >
                    {zones(text.profile_zone_automatic().to_owned(), groups, &shown.time_zone)}
                </SelectField>
                <ConfirmingPassword
                    id=PASSWORD
                    error_id=ERROR
                    invalid=field == Some(PASSWORD)
                />
                <ErrorAlert id=ERROR error field=Signal::stored(field)/>
                <SubmitButton
                    label=text.company_profile_submit()
                    emphasis=Emphasis::Primary
                    pending=Signal::stored(false)
                />
            </PlainForm>
        </section>
    }
}
