//! Converts the core's events to entries for people, on the page and in a file.

use latchkey_core::{
    account::{ActivityFilter, ActivityPage, MOST_EXPORTED, PAGE},
    activity::{self, ActivityEntry, ChangedBy},
    attempt::Outcome,
    client::Agent,
    device::{Device, DeviceName, EndedBy},
    place::Place,
};
use serde::Serialize;
use time::format_description::well_known::Rfc3339;

use super::Visitor;
use crate::wire::{
    ApiError,
    activity::{self as view, ActivityKind, ActivityList},
    device::DeviceTitle,
    session::End,
};

/// An event, for a file. Programs rely on these keys: add to them, never rename.
#[derive(Debug, Serialize)]
pub struct ActivityRow {
    /// RFC 3339, in UTC.
    pub time: String,
    /// `log_in`, `session_ended`, `password_changed`, `log_in_code_made`, `log_in_code_used` or
    /// `current_password`.
    pub event: &'static str,
    /// The outcome, the cause, or the acting party.
    pub detail: &'static str,
    /// The IP address, if it is known.
    pub address: Option<String>,
    /// "Firefox".
    pub browser: Option<String>,
    /// "Linux".
    pub platform: Option<String>,
    /// The user agent, as the browser sent it.
    pub user_agent: Option<String>,
    /// The name that the person has given the device.
    pub device_name: Option<String>,
    /// "Berlin, DE", if a file with the places of addresses knows it.
    pub place: Option<String>,
    /// The device that ended the session: "Kitchen laptop, Firefox, Linux".
    pub ended_by: Option<String>,
}

impl From<view::ActivityFilter> for ActivityFilter {
    fn from(show: view::ActivityFilter) -> Self {
        match show {
            view::ActivityFilter::All => Self::All,
            view::ActivityFilter::LogIns => Self::LogIns,
            view::ActivityFilter::Failed => Self::Failed,
            view::ActivityFilter::Ended => Self::Ended,
            view::ActivityFilter::Changes => Self::Changes,
        }
    }
}

impl Visitor {
    /// A page of activity. An invalid cursor is `NotFound`. The newest failed attempts count as looked at, so that Home no
    /// longer tells of them.
    pub(crate) async fn activity(
        &self,
        show: view::ActivityFilter,
        from: Option<&str>,
    ) -> Result<ActivityList, ApiError> {
        let from = from
            .map(str::parse)
            .transpose()
            .map_err(|_invalid| ApiError::NotFound)?;
        let caller = self.caller()?;
        let filter = ActivityFilter::from(show);
        let activity = &self.core.activity;
        let is_newest = from.is_none();
        let page = activity.list_only(caller, filter, from, PAGE).await?;
        if filter == ActivityFilter::Failed
            && is_newest
            && let Some(newest) = page.entries.first()
        {
            activity.failures_seen(caller, newest.at).await?;
        }
        Ok(self.activity_list(&page))
    }

    pub(super) fn activity_list(&self, page: &ActivityPage) -> ActivityList {
        let entries = page.entries.iter().map(|entry| self.entry(entry));
        ActivityList {
            entries: entries.collect(),
            older: page.older.map(|cursor| cursor.to_string()),
        }
    }

    /// The name of a file with the activity, without its ending: "latchkey-acme-ada-2026-11-27".
    pub fn activity_file(&self) -> Result<String, ApiError> {
        let caller = self.caller()?;
        let (database, login) = (caller.database.name(), &caller.user.login);
        Ok(format!("latchkey-{database}-{login}-{}", self.today()))
    }

    /// The newest events of some kinds, as many as a file holds.
    pub async fn activity_rows(
        &self,
        show: view::ActivityFilter,
    ) -> Result<Vec<ActivityRow>, ApiError> {
        let caller = self.caller()?;
        let activity = &self.core.activity;
        let page = activity
            .list_only(caller, show.into(), None, MOST_EXPORTED)
            .await?;
        Ok(page.entries.iter().map(|entry| self.row(entry)).collect())
    }

    fn entry(&self, entry: &ActivityEntry) -> view::ActivityEntry {
        let (day, time) = self.day_and_time(entry.at);
        view::ActivityEntry {
            at: self.moment(entry.at),
            day,
            time,
            kind: self.kind(entry),
            device: self.device_of(entry),
            address: entry.address.map(|address| self.address(address)),
            is_explained: entry.is_explained,
        }
    }

    fn device_of(&self, entry: &ActivityEntry) -> Option<DeviceTitle> {
        let agent = entry.agent.as_ref()?;
        Some(self.device_title(agent, entry.device_name.as_ref()))
    }

    fn kind(&self, entry: &ActivityEntry) -> ActivityKind {
        match kind(entry.kind) {
            ActivityKind::SessionEnded(end) => ActivityKind::SessionEnded(End {
                by: entry.ended_by.as_ref().map(|by| self.ended_by(by)),
                ..end
            }),
            kind => kind,
        }
    }

    fn row(&self, entry: &ActivityEntry) -> ActivityRow {
        let (event, detail) = words(entry.kind);
        // The file has the same words in every language.
        let recognise = |agent| self.core.devices.recognise(agent);
        let device = entry.agent.as_ref().map(recognise);
        let device = device.as_deref();
        let agent = entry.agent.as_ref().map(Agent::as_str);
        let ended_by = entry.ended_by.as_ref();
        let place = |address| self.core.places.find(address);
        ActivityRow {
            time: entry.at.format(&Rfc3339).unwrap_or_default(),
            event,
            detail,
            address: entry.address.map(|address| address.to_string()),
            browser: device.and_then(|device| device.browser.clone()),
            platform: device.and_then(|device| device.place().map(str::to_owned)),
            user_agent: agent.map(str::to_owned),
            device_name: entry.device_name.as_ref().map(ToString::to_string),
            place: entry.address.and_then(place).map(place_for_programs),
            ended_by: ended_by.map(|by| parts_of(by, &recognise(&by.agent))),
        }
    }
}

fn kind(kind: activity::ActivityKind) -> ActivityKind {
    use activity::ActivityKind as Kind;
    match kind {
        Kind::LogIn { outcome, factor } => match outcome {
            Outcome::Succeeded => ActivityKind::LoggedIn { by: factor },
            // An unknown login belongs to no user, so it appears on no page.
            Outcome::WrongPassword | Outcome::UnknownLogin => ActivityKind::WrongPassword,
            Outcome::Disabled => ActivityKind::Disabled,
            Outcome::Denied => ActivityKind::Denied,
            Outcome::Throttled => ActivityKind::Throttled,
        },
        Kind::SessionEnded(cause) => ActivityKind::SessionEnded(End { cause, by: None }),
        Kind::PasswordChanged(ChangedBy::Person) => ActivityKind::PasswordChanged,
        Kind::PasswordChanged(ChangedBy::Administrator) => ActivityKind::PasswordSet,
        Kind::LogInCodeMade(ChangedBy::Person) => ActivityKind::LogInCodeMade,
        Kind::LogInCodeMade(ChangedBy::Administrator) => ActivityKind::LogInCodeMadeByAdministrator,
        Kind::LogInCodeUsed => ActivityKind::LogInCodeUsed,
        Kind::WrongCurrentPassword => ActivityKind::WrongCurrentPassword,
        Kind::CompanyRefused => ActivityKind::CompanyRefused,
    }
}

/// The names of a device: those that are known.
fn parts_of(by: &EndedBy, device: &Device) -> String {
    let given = by.device_name.as_ref().map(DeviceName::as_str);
    let parts = [given, device.browser.as_deref(), device.place()];
    let known: Vec<_> = parts.into_iter().flatten().collect();
    known.join(", ")
}

fn place_for_programs(place: Place) -> String {
    match place.city {
        Some(city) => format!("{city}, {}", place.country),
        None => place.country,
    }
}

fn words(kind: activity::ActivityKind) -> (&'static str, &'static str) {
    use activity::ActivityKind as Kind;
    match kind {
        Kind::LogIn { outcome, .. } => ("log_in", outcome.as_str()),
        Kind::SessionEnded(cause) => ("session_ended", cause.as_str()),
        Kind::PasswordChanged(by) => ("password_changed", by.as_str()),
        Kind::LogInCodeMade(by) => ("log_in_code_made", by.as_str()),
        Kind::LogInCodeUsed => ("log_in_code_used", ChangedBy::Person.as_str()),
        Kind::WrongCurrentPassword => ("current_password", "wrong_password"),
        Kind::CompanyRefused => ("companies", "refused"),
    }
}
