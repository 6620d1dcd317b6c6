//! The page of the person's own profile.

use std::collections::BTreeMap;

use icu_time::zone::iana::IanaParserExtended;
use latchkey_core::{DisplayedName, client::TimeZoneName, user::LanguageCode};
use server_fn::ServerFn;

use super::Visitor;
use crate::{
    posted::{Outcome, Posted},
    text::Language,
    wire::{
        ApiError,
        profile::{DateFormat, LanguageChoice, Profile, TimeFormat, ZoneChoice, ZoneGroup},
    },
    wording,
};

/// The parts of the world that time zones are named by. Other names, such as "Etc/GMT+1", are offsets.
const REGIONS: [&str; 10] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

impl Visitor {
    /// The caller's profile.
    pub(crate) async fn profile(&self) -> Result<Profile, ApiError> {
        let caller = self.caller()?;
        let preferences = &caller.preferences;
        let now = self.core.clock.now();
        let style = self.style();
        let date = |format| (format, style.date_as(format, now));
        let time = |format| (format, style.time_as(format, now));
        Ok(Profile {
            name: caller.user.name.clone(),
            login: caller.user.login.clone(),
            database: caller.database.name().to_string(),
            language: preferences
                .language
                .as_ref()
                .map(LanguageCode::as_str)
                .map(str::to_owned),
            languages: self.language_choices(),
            language_of_company: self.language_of_company().map(choice),
            time_zone: preferences
                .time_zone
                .as_ref()
                .map(TimeZoneName::as_str)
                .map(present_name),
            zone_without_choice: self
                .zone_of_company()
                .or(self.time_zone())
                .map(present_name),
            zones: zones(),
            date_format: preferences.date_format,
            dates: DateFormat::ALL.map(date).into(),
            time_format: preferences.time_format,
            times: TimeFormat::ALL.map(time).into(),
            theme: preferences.theme,
            companies: self.company_choices().await?,
            now: self.moment(now),
        })
    }

    /// The languages of this server.
    pub(crate) fn language_choices(&self) -> Vec<LanguageChoice> {
        let languages = self.languages.iter().copied();
        languages.map(choice).collect()
    }

    /// The languages for the pages before the log-in. Who is logged in chooses in the profile, and a language that was chosen
    /// there counts before any other.
    pub(crate) fn languages_before_log_in(&self) -> Vec<LanguageChoice> {
        if self.caller().is_ok() || self.language_of_account().is_some() {
            return Vec::new();
        }
        self.language_choices()
    }

    /// Gives the caller another name.
    pub(crate) async fn rename(&self, typed: &str) -> Result<(), ApiError> {
        let caller = self.caller()?;
        let name: DisplayedName = typed.parse()?;
        Ok(self.core.users.set_own_name(caller, &name).await?)
    }

    /// Lets the next page say that a form was saved. A hydrated form loads the page again, too.
    pub(crate) fn saved<S: ServerFn>(&self) {
        self.cookies.tell_posted(Posted {
            function: S::PATH.to_owned(),
            about: None,
            outcome: Outcome::Done { ended_sessions: 0 },
        });
    }
}

pub(super) fn choice(language: Language) -> LanguageChoice {
    LanguageChoice {
        code: language.code().to_owned(),
        name: language.own_name().to_owned(),
    }
}

/// The present name of a time zone: "Asia/Kolkata" for "Asia/Calcutta", which browsers still send.
fn present_name(zone: &str) -> String {
    let known = IanaParserExtended::new().parse(zone);
    let has_city = REGIONS
        .iter()
        .any(|region| known.canonical.starts_with(region));
    if has_city {
        known.canonical.to_owned()
    } else {
        zone.to_owned()
    }
}

/// All time zones with a city, each by its present name, by part of the world.
pub(super) fn zones() -> Vec<ZoneGroup> {
    let mut groups: BTreeMap<&str, Vec<ZoneChoice>> = BTreeMap::new();
    let names = IanaParserExtended::new().iter().map(|zone| zone.canonical);
    for name in names {
        let region = REGIONS.into_iter().find(|region| {
            let rest = name.strip_prefix(region);
            rest.is_some_and(|rest| rest.starts_with('/'))
        });
        if let Some(region) = region
            && jiff::tz::db().get(name).is_ok()
        {
            groups.entry(region).or_default().push(ZoneChoice {
                name: name.to_owned(),
                city: wording::city(name),
            });
        }
    }
    let group = |(region, mut zones): (&str, Vec<ZoneChoice>)| {
        zones.sort_by(|one, other| one.city.cmp(&other.city));
        ZoneGroup {
            region: region.to_owned(),
            zones,
        }
    };
    groups.into_iter().map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_the_world_has_time_zones_and_each_stands_once() {
        let groups = zones();
        let regions: Vec<_> = groups.iter().map(|group| group.region.as_str()).collect();
        assert_eq!(regions, REGIONS);
        let all: Vec<_> = groups.iter().flat_map(|group| &group.zones).collect();
        assert!(all.len() > 300, "{}", all.len());
        for (name, city) in [
            ("Europe/Berlin", "Berlin"),
            ("America/New_York", "New York"),
            ("America/Argentina/Buenos_Aires", "Buenos Aires (Argentina)"),
        ] {
            let found: Vec<_> = all.iter().filter(|zone| zone.name == name).collect();
            assert_eq!(found.len(), 1, "{name}");
            assert_eq!(found[0].city, city);
        }
        for old in ["Asia/Calcutta", "Europe/Kiev", "America/Buenos_Aires"] {
            assert!(all.iter().all(|zone| zone.name != old), "{old}");
        }
    }

    #[test]
    fn a_time_zone_has_its_present_name() {
        for (zone, name) in [
            ("Asia/Calcutta", "Asia/Kolkata"),
            ("Europe/Kiev", "Europe/Kyiv"),
            ("Europe/Berlin", "Europe/Berlin"),
            ("UTC", "UTC"),
            ("Mars/Olympus", "Mars/Olympus"),
        ] {
            assert_eq!(present_name(zone), name);
        }
    }
}
