//! The fields of the preferences.

use leptos::prelude::*;

use crate::{
    api::profile::SavePreferences,
    components::{
        locale_options::{languages, option, zones},
        select_field::SelectField,
        time::Time,
    },
    page,
    text::{Text, text},
    wire::{
        company::CompanyChoice,
        profile::{DateFormat, PreferenceField, Profile, ShownPreferences, Theme, TimeFormat},
    },
    wording,
};

/// The element id of the form's error.
pub(super) const ERROR: &str = "preferences-error";

const LANGUAGE: &str = "language";
const TIME_ZONE: &str = "time_zone";
const DATE_FORMAT: &str = "date_format";
const TIME_FORMAT: &str = "time_format";
const THEME: &str = "theme";
const COMPANY: &str = "company";

/// A field for each preference. `invalid` is the field whose value was refused.
#[component]
pub(super) fn Fields(profile: Profile, invalid: Option<PreferenceField>) -> impl IntoView {
    let text = text();
    let is_invalid = move |field| invalid == Some(field);
    let example = text.profile_example(&profile.now.text);
    let without_language = match profile.language_of_company {
        Some(language) => text.profile_automatic(&language.name),
        None => text.profile_language_automatic().to_owned(),
    };
    let without_zone = match profile.zone_without_choice {
        Some(zone) => text.profile_automatic(&wording::city(&zone)),
        None => text.profile_zone_automatic().to_owned(),
    };
    view! {
        <SelectField
            name=LANGUAGE
            label=text.profile_language()
            invalid=is_invalid(PreferenceField::Language)
            error_id=ERROR
        >
            {languages(without_language, profile.languages, &value(LANGUAGE, profile.language))}
        </SelectField>
        <SelectField
            name=TIME_ZONE
            label=text.profile_time_zone()
            invalid=is_invalid(PreferenceField::TimeZone)
            error_id=ERROR
        >
            {zones(without_zone, profile.zones, &value(TIME_ZONE, profile.time_zone))}
        </SelectField>
        <SelectField
            name=DATE_FORMAT
            label=text.profile_date_format()
            invalid=is_invalid(PreferenceField::DateFormat)
            error_id=ERROR
        >
            {dates(text, profile.dates, profile.date_format)}
        </SelectField>
        <div>
            <SelectField
                name=TIME_FORMAT
                label=text.profile_time_format()
                invalid=is_invalid(PreferenceField::TimeFormat)
                error_id=ERROR
            >
                {times(text, profile.times, profile.time_format)}
            </SelectField>
            <p class="field__example"><Time moment=profile.now words=example/></p>
        </div>
        <SelectField
            name=THEME
            label=text.profile_theme()
            invalid=is_invalid(PreferenceField::Theme)
            error_id=ERROR
        >
            {themes(text, profile.theme)}
        </SelectField>
        {default_company(text, profile.companies, is_invalid(PreferenceField::Company))}
    }
}

/// What the fields show at first, for [`SavePreferences`]: the server saves what the person has changed, and nothing else. The
/// other values may have been changed in another tab meanwhile. After a refusal it stays what the refused form has shown.
pub(super) fn shown(profile: &Profile) -> Option<String> {
    let shown = || {
        let shown = ShownPreferences {
            language: profile.language.clone().unwrap_or_default(),
            time_zone: profile.time_zone.clone().unwrap_or_default(),
            date_format: profile.date_format.as_str().to_owned(),
            time_format: profile.time_format.as_str().to_owned(),
            theme: profile.theme.as_str().to_owned(),
            company: profile.companies.first().map(|company| company.id),
        };
        shown.to_json()
    };
    page::posted_field::<SavePreferences>("shown").or_else(shown)
}

/// The value of a field: what was posted before the form was refused, else what is saved.
fn value(field: &str, saved: Option<String>) -> String {
    let posted = page::posted_field::<SavePreferences>(field);
    posted.or(saved).unwrap_or_default()
}

fn dates(
    text: Text,
    examples: Vec<(DateFormat, String)>,
    saved: DateFormat,
) -> impl IntoView + use<> {
    let chosen = value(DATE_FORMAT, Some(saved.as_str().to_owned()));
    let examples = examples.into_iter().map(|(format, example)| {
        let label = match format {
            DateFormat::Automatic => text.profile_automatic(&example),
            _ => example,
        };
        option(format.as_str().to_owned(), label, &chosen)
    });
    examples.collect_view()
}

fn times(
    text: Text,
    examples: Vec<(TimeFormat, String)>,
    saved: TimeFormat,
) -> impl IntoView + use<> {
    let chosen = value(TIME_FORMAT, Some(saved.as_str().to_owned()));
    let examples = examples.into_iter().map(|(format, example)| {
        let label = match format {
            TimeFormat::Automatic => text.profile_automatic(&example),
            _ => example,
        };
        option(format.as_str().to_owned(), label, &chosen)
    });
    examples.collect_view()
}

/// The choice of the company of new sessions, where there is a choice.
fn default_company(
    text: Text,
    companies: Vec<CompanyChoice>,
    invalid: bool,
) -> Option<impl IntoView + use<>> {
    let chosen = value(COMPANY, Some(companies.first()?.id.to_string()));
    let companies = companies
        .into_iter()
        .map(|company| option(company.id.to_string(), company.name, &chosen))
        .collect_view();
    Some(view! {
        <SelectField name=COMPANY label=text.profile_company() invalid error_id=ERROR>
            {companies}
        </SelectField>
    })
}

fn themes(text: Text, saved: Theme) -> impl IntoView + use<> {
    let chosen = value(THEME, Some(saved.as_str().to_owned()));
    let themes = Theme::ALL.into_iter().map(|theme| {
        let label = match theme {
            Theme::System => text.profile_theme_system(),
            Theme::Light => text.profile_theme_light(),
            Theme::Dark => text.profile_theme_dark(),
        };
        option(theme.as_str().to_owned(), label.to_owned(), &chosen)
    });
    themes.collect_view()
}
