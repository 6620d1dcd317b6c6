//! Writing out points in time in the visitor's time zone.

use jiff::{Timestamp, tz::TimeZone};
use latchkey_core::session::Resumed;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::Visitor;
use crate::api::Moment;

impl Visitor {
    /// Writes `moment` out in the session's time zone.
    pub(super) fn moment(&self, moment: OffsetDateTime) -> Moment {
        let zone = match &self.resumed {
            Ok(Resumed::Live(caller)) => caller.session.time_zone.as_deref(),
            Ok(Resumed::Ended(ended)) => ended.time_zone.as_deref(),
            _ => None,
        };
        write(moment, zone)
    }
}

/// Without a zone, or with one that nobody knows, it is UTC and says so.
fn write(moment: OffsetDateTime, zone: Option<&str>) -> Moment {
    let machine = moment.format(&Rfc3339).unwrap_or_default();
    let zone = zone.and_then(|zone| TimeZone::get(zone).ok());
    let timestamp = Timestamp::from_second(moment.unix_timestamp()).unwrap_or_default();
    let format = if zone.is_some() {
        "%-d %b %Y, %H:%M"
    } else {
        "%-d %b %Y, %H:%M UTC"
    };
    let text = timestamp
        .to_zoned_datetime(zone.unwrap_or(TimeZone::UTC))
        .strftime(format)
        .to_string();
    Moment { machine, text }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_moment_is_written_in_the_persons_zone_or_says_utc() {
        let moment = datetime!(2026-11-23 23:02 UTC);
        let text = |zone| write(moment, zone).text;
        assert_eq!(text(Some("Europe/Berlin")), "24 Nov 2026, 00:02");
        assert_eq!(text(Some("America/New_York")), "23 Nov 2026, 18:02");
        assert_eq!(text(None), "23 Nov 2026, 23:02 UTC");
        assert_eq!(text(Some("Mars/Olympus")), "23 Nov 2026, 23:02 UTC");
        assert_eq!(write(moment, None).machine, "2026-11-23T23:02:00Z");
    }
}
