//! What the visitor prefers: the preferences of the account, or what the browser remembers of them.

use jiff::tz::TimeZone;
use latchkey_core::{
    client::TimeZoneName,
    company::CompanyId,
    user::{LanguageCode, Preferences, Theme},
};

use super::{RememberedLanguage, Visitor, language::offered};
use crate::{
    text::Language,
    wire::{
        ApiError,
        profile::{PreferenceField, ShownPreferences},
    },
};

/// The preferences as a form sends them. An empty text stands for "automatic".
pub(crate) struct TypedPreferences {
    pub language: String,
    pub theme: String,
    pub time_zone: String,
    pub date_format: String,
    pub time_format: String,
    /// The default company; `None` if the form has no field for it.
    pub company: Option<CompanyId>,
}

impl From<ShownPreferences> for TypedPreferences {
    fn from(shown: ShownPreferences) -> Self {
        Self {
            language: shown.language,
            theme: shown.theme,
            time_zone: shown.time_zone,
            date_format: shown.date_format,
            time_format: shown.time_format,
            company: shown.company,
        }
    }
}

impl Visitor {
    /// The preferences of the account; also of the account whose session has just ended.
    pub(super) fn preferences(&self) -> Option<&Preferences> {
        use latchkey_core::session::Resumed;
        match &self.resumed {
            Ok(Resumed::Ended(ended)) => Some(&ended.preferences),
            _ => self.bearer().ok().map(|bearer| &bearer.preferences),
        }
    }

    /// The theme of the page.
    pub fn theme(&self) -> Theme {
        match self.bearer() {
            Ok(bearer) => bearer.preferences.theme,
            Err(_) => self.remembered.theme,
        }
    }

    /// Makes the browser remember the theme of the account, and the language of the account or of its company, for the log-in
    /// page, if a page is answered. On a shared computer nothing stays of a person.
    pub fn remember_preferences(&self) {
        let Ok(bearer) = self.bearer() else {
            return;
        };
        if !self.wants_page || bearer.session.computer.is_shared() {
            return;
        }
        let language = match (self.language_of_account(), self.remembered.language) {
            (Some(language), _) => RememberedLanguage::OfAccount(language),
            (None, RememberedLanguage::OfReader(language)) => {
                RememberedLanguage::OfReader(language)
            }
            (None, _) => self
                .language_of_company()
                .map_or(RememberedLanguage::Nothing, RememberedLanguage::OfAccount),
        };
        if language != self.remembered.language {
            self.cookies.remember_language(language);
        }
        if bearer.preferences.theme != self.remembered.theme {
            self.cookies.remember_theme(bearer.preferences.theme);
        }
    }

    /// Makes the browser remember a language that was chosen on the log-in page.
    pub(crate) fn choose_language(&self, code: &str) -> Result<(), ApiError> {
        let invalid = ApiError::UnknownPreference(PreferenceField::Language);
        let language = self.offered_language(code).ok_or(invalid)?;
        let language = RememberedLanguage::OfReader(language);
        self.cookies.remember_language(language);
        Ok(())
    }

    fn offered_language(&self, code: &str) -> Option<Language> {
        offered(&code.parse::<LanguageCode>().ok()?, self.languages)
    }

    /// Saves those of the caller's preferences that differ from the `shown` ones. Without them, or if the server does not
    /// offer one of them any more, the caller's present ones count as shown.
    pub(crate) async fn save_preferences(
        &self,
        typed: &TypedPreferences,
        shown: Option<&str>,
    ) -> Result<(), ApiError> {
        let caller = self.caller()?;
        let preferences = self.read(typed).map_err(ApiError::UnknownPreference)?;
        let shown = shown.and_then(|shown| serde_json::from_str::<ShownPreferences>(shown).ok());
        let shown = shown.map(TypedPreferences::from);
        let shown_company = shown.as_ref().and_then(|shown| shown.company);
        let company = typed
            .company
            .filter(|company| shown_company.as_ref() != Some(company));
        let shown = shown.and_then(|shown| self.read(&shown).ok());
        let shown = shown.as_ref().unwrap_or(&caller.preferences);
        let users = &self.core.users;
        let saved = users.set_own_preferences(caller, shown, &preferences, company);
        Ok(saved.await?)
    }

    /// The preferences of a form. The error names the field whose value is unknown.
    fn read(&self, typed: &TypedPreferences) -> Result<Preferences, PreferenceField> {
        let (language, time_zone) = self.read_locale(&typed.language, &typed.time_zone)?;
        let date_format = typed.date_format.parse();
        let time_format = typed.time_format.parse();
        Ok(Preferences {
            language,
            theme: typed
                .theme
                .parse()
                .map_err(|_unknown| PreferenceField::Theme)?,
            time_zone,
            date_format: date_format.map_err(|_unknown| PreferenceField::DateFormat)?,
            time_format: time_format.map_err(|_unknown| PreferenceField::TimeFormat)?,
        })
    }

    /// A language and a time zone of a form. The error names the field whose value is unknown.
    pub(super) fn read_locale(
        &self,
        language: &str,
        time_zone: &str,
    ) -> Result<(Option<LanguageCode>, Option<TimeZoneName>), PreferenceField> {
        let language = chosen(language)
            .map(|code| {
                let language = self.offered_language(code)?;
                language.code().parse().ok()
            })
            .map(|language| language.ok_or(PreferenceField::Language))
            .transpose()?;
        let time_zone = chosen(time_zone)
            .map(|name| zone(name).ok_or(PreferenceField::TimeZone))
            .transpose()?;
        Ok((language, time_zone))
    }
}

fn chosen(value: &str) -> Option<&str> {
    Some(value).filter(|value| !value.is_empty())
}

/// The name of a zone that exists, in the spelling of the database of zones.
pub fn zone(name: &str) -> Option<TimeZoneName> {
    let zone = TimeZone::get(name).ok()?;
    TimeZoneName::from_browser(zone.iana_name()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_zone_exists_and_gets_its_usual_spelling() {
        let read = |name: &str| zone(name).map(|zone| zone.as_str().to_owned());
        for (typed, kept) in [
            ("Europe/Berlin", "Europe/Berlin"),
            ("asia/tokyo", "Asia/Tokyo"),
            ("UTC", "UTC"),
        ] {
            assert_eq!(read(typed).as_deref(), Some(kept));
        }
        for typed in [
            "",
            "Mars/Olympus",
            "Europe",
            "../../etc/passwd",
            "Etc/Unknown",
            "+01:00",
        ] {
            assert_eq!(read(typed), None, "{typed:?}");
        }
    }
}
