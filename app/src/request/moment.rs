//! Writes moments as the person reads them: in the chosen time zone, or else in that of the company, or else in the zone of the
//! requesting browser.

use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};
use latchkey_core::{
    client::TimeZoneName,
    session::Resumed,
    user::{DateFormat, TimeFormat},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::Visitor;
use crate::{
    text::{Text, text},
    wire::Moment,
    wording,
};

/// How a page writes moments.
pub(super) struct Style {
    zone: Zone,
    date: DateFormat,
    time: TimeFormat,
}

/// The time zone of a page.
enum Zone {
    /// The zone that the person has chosen, that the company brings, or that the browser has sent with this request.
    Readers(TimeZone),
    /// A zone that is perhaps not the reader's, so texts name it.
    Named(TimeZone),
}

impl Visitor {
    /// The moment as text for the requesting browser.
    pub(super) fn moment(&self, moment: OffsetDateTime) -> Moment {
        self.style().write(text(), moment, self.core.clock.now())
    }

    /// The day of a moment as a heading, and its time.
    pub(super) fn day_and_time(&self, moment: OffsetDateTime) -> (String, String) {
        let style = self.style();
        let day = style.day(text(), moment, self.core.clock.now());
        (day, style.time_of_day(text(), &style.local(moment)))
    }

    /// Today as programs write it, in the visitor's zone.
    pub(super) fn today(&self) -> String {
        let now = self.core.clock.now();
        self.style().date_as(DateFormat::Iso, now)
    }

    /// The name of the zone that the browser has sent with this request.
    pub(crate) fn time_zone(&self) -> Option<&str> {
        self.client.time_zone.as_ref().map(TimeZoneName::as_str)
    }

    /// The name of the zone of the company that the session works for.
    pub(super) fn zone_of_company(&self) -> Option<&str> {
        let company = self.bearer().ok()?.defaults.as_ref()?;
        company.time_zone.as_ref().map(TimeZoneName::as_str)
    }

    /// The beginning of this visitor's day.
    pub(super) fn start_of_day(&self, now: OffsetDateTime) -> OffsetDateTime {
        let local = self.style().local(now);
        let start = local.start_of_day();
        let seconds = start.map(|start| start.timestamp().as_second());
        let start = seconds
            .ok()
            .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
        start.unwrap_or(now)
    }

    /// How this visitor reads moments. A browser without script sends no zone, but its session may have begun with
    /// script.
    pub(super) fn style(&self) -> Style {
        let of_session = match &self.resumed {
            Ok(Resumed::Live(caller)) => caller.session.time_zone.as_deref(),
            Ok(Resumed::Pending(pending)) => pending.session.time_zone.as_deref(),
            Ok(Resumed::Ended(ended)) => ended.time_zone.as_deref(),
            _ => None,
        };
        let preferences = self.preferences();
        let chosen = preferences.and_then(|preferences| preferences.time_zone.as_ref());
        let chosen = chosen.map(TimeZoneName::as_str);
        let chosen = chosen.or_else(|| self.zone_of_company());
        Style {
            zone: zone(chosen, self.time_zone(), of_session),
            date: preferences.map_or(DateFormat::Automatic, |known| known.date_format),
            time: preferences.map_or(TimeFormat::Automatic, |known| known.time_format),
        }
    }
}

fn zone(chosen: Option<&str>, of_browser: Option<&str>, of_session: Option<&str>) -> Zone {
    let known = |name: Option<&str>| TimeZone::get(name?).ok();
    match known(chosen).or_else(|| known(of_browser)) {
        Some(zone) => Zone::Readers(zone),
        None => Zone::Named(known(of_session).unwrap_or(TimeZone::UTC)),
    }
}

impl Style {
    fn write(&self, text: Text, moment: OffsetDateTime, now: OffsetDateTime) -> Moment {
        let machine = moment.format(&Rfc3339).unwrap_or_default();
        let (local, now) = (self.local(moment), self.local(now));
        let time = self.time_of_day(text, &local);
        let date = date(text, self.date, &local);
        let at_time = if self.reads_hour_one(&local) {
            text.moment_time_first_hour(&time)
        } else {
            text.moment_time(&time)
        };
        let phrase = match self.date {
            DateFormat::MonthDayYear | DateFormat::Iso if local.date() != now.date() => {
                text.moment_on_date(&date, &at_time)
            }
            _ => wording::phrase(text, local.date(), now.date(), &at_time),
        };
        Moment {
            machine,
            text: match self.date {
                DateFormat::Iso => [&date, " ", &time].concat(),
                _ => text.date_and_time(&date, &time),
            },
            phrase,
        }
    }

    /// The time of day, with the zone if that is perhaps not the reader's.
    fn time_of_day(&self, text: Text, local: &ZonedDateTime) -> String {
        let time = time(text, self.time, local);
        match self.zone {
            Zone::Readers(_) => time,
            Zone::Named(_) => [&time, " ", &offset(local)].concat(),
        }
    }

    /// The day of a moment as a heading.
    fn day(&self, text: Text, moment: OffsetDateTime, now: OffsetDateTime) -> String {
        let (local, now) = (self.local(moment), self.local(now));
        let written = match self.date {
            DateFormat::Automatic | DateFormat::DayMonthYear => None,
            DateFormat::MonthDayYear | DateFormat::Iso => Some(date(text, self.date, &local)),
        };
        wording::day_heading(text, local.date(), now.date(), written.as_deref())
    }

    /// The day of a moment in another spelling.
    pub(super) fn date_as(&self, format: DateFormat, moment: OffsetDateTime) -> String {
        date(text(), format, &self.local(moment))
    }

    /// The time of a moment in another spelling, without the day.
    pub(super) fn time_as(&self, format: TimeFormat, moment: OffsetDateTime) -> String {
        time(text(), format, &self.local(moment))
    }

    /// Whether the hour is read as one. Spanish has another article for it: "a la 1:05", "a las 2:05".
    fn reads_hour_one(&self, local: &ZonedDateTime) -> bool {
        match self.time {
            TimeFormat::Automatic | TimeFormat::Hours24 => local.hour() == 1,
            TimeFormat::Hours12 => local.hour() % 12 == 1,
        }
    }

    fn local(&self, moment: OffsetDateTime) -> ZonedDateTime {
        let (Zone::Readers(zone) | Zone::Named(zone)) = &self.zone;
        let timestamp = Timestamp::from_second(moment.unix_timestamp()).unwrap_or_default();
        timestamp.to_zoned_datetime(zone.clone())
    }
}

/// Each language writes the day first when the format is automatic.
fn date(text: Text, format: DateFormat, local: &ZonedDateTime) -> String {
    let date = local.date();
    match format {
        DateFormat::Automatic | DateFormat::DayMonthYear => wording::date_day_first(text, date),
        DateFormat::MonthDayYear => wording::date_month_first(text, date),
        DateFormat::Iso => local.strftime("%Y-%m-%d").to_string(),
    }
}

fn time(text: Text, format: TimeFormat, local: &ZonedDateTime) -> String {
    match format {
        TimeFormat::Automatic | TimeFormat::Hours24 => local.strftime("%H:%M").to_string(),
        TimeFormat::Hours12 => {
            let half = if local.hour() < 12 {
                text.time_before_noon()
            } else {
                text.time_after_noon()
            };
            // A line never breaks between the time and "PM".
            [&*local.strftime("%-I:%M\u{a0}").to_string(), half].concat()
        }
    }
}

/// Whole seconds, for the wire.
pub(super) fn seconds(duration: time::Duration) -> u32 {
    u32::try_from(duration.whole_seconds()).unwrap_or(0)
}

/// "UTC", "UTC+1", "UTC−3:30". An abbreviation such as "IST" would be ambiguous.
fn offset(local: &ZonedDateTime) -> String {
    let minutes = local.offset().seconds() / 60;
    let sign = if minutes < 0 { '−' } else { '+' };
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::text::Language;

    /// 23 Nov 2026, 23:02 UTC.
    fn text(of_browser: Option<&str>, of_session: Option<&str>) -> String {
        of(
            datetime!(2026-11-23 23:02 UTC),
            zone(None, of_browser, of_session),
        )
        .text
    }

    fn of(moment: OffsetDateTime, zone: Zone) -> Moment {
        let style = Style {
            zone,
            date: DateFormat::Automatic,
            time: TimeFormat::Automatic,
        };
        in_style(&style, moment)
    }

    fn in_style(style: &Style, moment: OffsetDateTime) -> Moment {
        style.write(Text::default(), moment, datetime!(2026-11-24 09:00 UTC))
    }

    #[test]
    fn spanish_says_the_first_hour_in_the_singular() {
        let phrase = |time, moment| {
            let zone = zone(None, Some("Etc/UTC"), None);
            let style = Style {
                zone,
                date: DateFormat::Automatic,
                time,
            };
            let text = Text::new(Language::Es);
            style
                .write(text, moment, datetime!(2026-11-24 23:00 UTC))
                .phrase
        };
        for (time, moment, expected) in [
            (
                TimeFormat::Hours24,
                datetime!(2026-11-24 01:05 UTC),
                "hoy a la 01:05",
            ),
            (
                TimeFormat::Hours24,
                datetime!(2026-11-23 13:05 UTC),
                "el 23 de noviembre a las 13:05",
            ),
            (
                TimeFormat::Hours12,
                datetime!(2026-11-24 13:05 UTC),
                "hoy a la 1:05\u{a0}p.\u{a0}m.",
            ),
            (
                TimeFormat::Hours12,
                datetime!(2026-11-24 11:05 UTC),
                "hoy a las 11:05\u{a0}a.\u{a0}m.",
            ),
        ] {
            assert_eq!(phrase(time, moment), expected);
        }
    }

    #[test]
    fn the_zone_of_the_account_counts_before_the_browsers() {
        let at = |chosen, of_browser| {
            let zone = zone(chosen, of_browser, Some("Asia/Tokyo"));
            of(datetime!(2026-11-23 23:02 UTC), zone).text
        };
        let berlin = Some("Europe/Berlin");
        assert_eq!(at(Some("America/New_York"), berlin), "23 Nov 2026, 18:02");
        assert_eq!(at(Some("America/New_York"), None), "23 Nov 2026, 18:02");
        assert_eq!(at(Some("Mars/Olympus"), berlin), "24 Nov 2026, 00:02");
    }

    #[test]
    fn a_moment_is_spelled_as_the_person_has_chosen() {
        for (date, time, expected, phrase) in [
            (
                DateFormat::DayMonthYear,
                TimeFormat::Hours24,
                "6 Nov 2026, 00:02",
                "on 6 November at 00:02",
            ),
            (
                DateFormat::DayMonthYear,
                TimeFormat::Hours12,
                "6 Nov 2026, 12:02\u{a0}AM",
                "on 6 November at 12:02\u{a0}AM",
            ),
            (
                DateFormat::MonthDayYear,
                TimeFormat::Hours12,
                "Nov 6, 2026, 12:02\u{a0}AM",
                "on Nov 6, 2026 at 12:02\u{a0}AM",
            ),
            (
                DateFormat::Iso,
                TimeFormat::Hours24,
                "2026-11-06 00:02",
                "on 2026-11-06 at 00:02",
            ),
        ] {
            let zone = zone(None, Some("America/New_York"), None);
            let style = Style { zone, date, time };
            let written = in_style(&style, datetime!(2026-11-06 05:02 UTC));
            assert_eq!(written.text, expected);
            assert_eq!(written.phrase, phrase);
            let today = in_style(&style, datetime!(2026-11-24 17:02 UTC));
            assert!(today.phrase.starts_with("today at "), "{}", today.phrase);
        }
    }

    #[test]
    fn a_day_is_the_readers_day_and_spelled_as_the_person_has_chosen() {
        let now = datetime!(2026-11-24 09:00 UTC);
        let day = |date, moment| {
            let style = Style {
                zone: zone(None, Some("Europe/Berlin"), None),
                date,
                time: TimeFormat::Automatic,
            };
            style.day(Text::default(), moment, now)
        };
        let automatic = |moment| day(DateFormat::Automatic, moment);
        // Yesterday in UTC, and today in Berlin.
        assert_eq!(automatic(datetime!(2026-11-23 23:02 UTC)), "Today");
        assert_eq!(automatic(datetime!(2026-11-23 22:59 UTC)), "Yesterday");
        let sunday = datetime!(2026-11-22 22:59 UTC);
        assert_eq!(automatic(sunday), "Sunday, 22 November");
        let last_year = datetime!(2025-12-31 12:00 UTC);
        assert_eq!(automatic(last_year), "Wednesday, 31 December 2025");
        assert_eq!(
            day(DateFormat::MonthDayYear, sunday),
            "Sunday, Nov 22, 2026"
        );
        assert_eq!(day(DateFormat::Iso, sunday), "Sunday, 2026-11-22");
    }

    #[test]
    fn a_moment_is_written_in_the_zone_of_the_browser_that_looks() {
        let tokyo = Some("Asia/Tokyo");
        assert_eq!(text(Some("Europe/Berlin"), tokyo), "24 Nov 2026, 00:02");
        assert_eq!(text(Some("America/New_York"), tokyo), "23 Nov 2026, 18:02");
        assert_eq!(text(Some("Asia/Calcutta"), None), "24 Nov 2026, 04:32");
    }

    #[test]
    fn a_zone_that_the_browser_has_not_told_is_named() {
        for (zone, expected) in [
            ("Asia/Tokyo", "24 Nov 2026, 08:02 UTC+9"),
            ("Asia/Kolkata", "24 Nov 2026, 04:32 UTC+5:30"),
            ("America/St_Johns", "23 Nov 2026, 19:32 UTC−3:30"),
            ("Europe/London", "23 Nov 2026, 23:02 UTC"),
        ] {
            assert_eq!(text(None, Some(zone)), expected);
        }
        assert_eq!(text(None, None), "23 Nov 2026, 23:02 UTC");
    }

    #[test]
    fn a_zone_that_does_not_exist_is_utc_and_says_so() {
        for zone in ["Mars/Olympus", "Europe", "posixrules", "+", "-", "/"] {
            assert_eq!(text(Some(zone), None), "23 Nov 2026, 23:02 UTC", "{zone}");
            assert_eq!(text(None, Some(zone)), "23 Nov 2026, 23:02 UTC", "{zone}");
        }
    }

    #[test]
    fn programs_read_the_moment_in_utc() {
        let moment = datetime!(2026-11-23 23:02 UTC);
        let written = of(moment, zone(None, Some("Asia/Tokyo"), None));
        assert_eq!(written.machine, "2026-11-23T23:02:00Z");
    }

    #[test]
    fn summer_time_is_that_of_the_moment_and_not_of_today() {
        let at = |moment| of(moment, zone(None, None, Some("Europe/Berlin"))).text;
        let summer = at(datetime!(2026-07-01 22:30 UTC));
        assert_eq!(summer, "2 Jul 2026, 00:30 UTC+2");
        let winter = at(datetime!(2026-01-01 22:30 UTC));
        assert_eq!(winter, "1 Jan 2026, 23:30 UTC+1");
    }

    #[test]
    fn the_hour_that_comes_twice_is_told_apart_by_its_offset() {
        let at = |moment| of(moment, zone(None, None, Some("Europe/Berlin"))).text;
        let (first, second) = (
            at(datetime!(2026-10-25 00:30 UTC)),
            at(datetime!(2026-10-25 01:30 UTC)),
        );
        assert_eq!(first, "25 Oct 2026, 02:30 UTC+2");
        assert_eq!(second, "25 Oct 2026, 02:30 UTC+1");
    }
    #[test]
    fn a_sentence_says_today_and_the_year_only_where_it_is_another() {
        let berlin = || zone(None, Some("Europe/Berlin"), None);
        let at = |moment| of(moment, berlin()).phrase;
        for (moment, expected) in [
            (datetime!(2026-11-24 08:59 UTC), "today at 09:59"),
            // Yesterday in UTC, and today in Berlin.
            (datetime!(2026-11-23 23:02 UTC), "today at 00:02"),
            (datetime!(2026-11-23 22:59 UTC), "on 23 November at 23:59"),
            (
                datetime!(2025-12-31 22:59 UTC),
                "on 31 December 2025 at 23:59",
            ),
            (
                datetime!(2027-02-01 09:00 UTC),
                "on 1 February 2027 at 10:00",
            ),
        ] {
            assert_eq!(at(moment), expected);
        }
        let named = of(datetime!(2026-11-24 08:59 UTC), zone(None, None, None));
        assert_eq!(named.phrase, "today at 08:59 UTC");
    }
}
