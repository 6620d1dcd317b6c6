//! Words for devices.

use crate::{
    text::{DeviceText, text},
    wire::device::{AuthenticatedBy, DeviceCard, DeviceKind, DeviceTitle, ExpiryRule, Place},
};

/// The device's given name, as in "Kitchen laptop", else "Firefox on Linux".
pub fn device_name(text: DeviceText, name: &DeviceTitle) -> String {
    match &name.given {
        Some(given) => isolated(given),
        None => recognised_name(text, name),
    }
}

/// "Firefox on Linux", if the device has another, given name.
pub fn recognised_as(text: DeviceText, name: &DeviceTitle) -> Option<String> {
    let is_named = name.given.is_some();
    is_named.then(|| recognised_name(text, name))
}

/// "Kitchen laptop (Firefox on Linux)". Texts that say which device did something, or which device will be
/// revoked, also show the browser, because a thief who uses a session can rename its device.
pub fn device_name_in_full(text: DeviceText, name: &DeviceTitle) -> String {
    match recognised_as(text, name) {
        Some(recognised) => text.name_full(&device_name(text, name), &recognised),
        None => device_name(text, name),
    }
}

/// A name between the Unicode characters that keep text of another script in its place in a sentence (UAX #9:
/// first strong isolate, pop directional isolate).
pub fn isolated(name: &str) -> String {
    if name.is_ascii() && text().language().direction() == "ltr" {
        return name.to_owned();
    }
    ["\u{2068}", name, "\u{2069}"].concat()
}

/// "Firefox on Linux", or "curl" if no more is known; never empty.
fn recognised_name(text: DeviceText, name: &DeviceTitle) -> String {
    let browser = known(name.browser.as_ref()).unwrap_or(text.unknown_browser());
    match known(name.platform.as_ref()) {
        Some(platform) => text.name(&isolated(browser), &isolated(platform)),
        None => browser.to_owned(),
    }
}

/// "Firefox 141.0"; `None` if the agent does not tell its version.
pub fn browser_version(text: DeviceText, card: &DeviceCard) -> Option<String> {
    let browser = known(card.name.browser.as_ref())?;
    let version = known(card.browser_version.as_ref())?;
    Some(text.version(browser, version))
}

/// The meaning of a device's icon.
pub fn device_kind(text: DeviceText, kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Computer => text.kind_computer(),
        DeviceKind::Phone => text.kind_phone(),
        DeviceKind::Tablet => text.kind_tablet(),
        DeviceKind::Program => text.kind_program(),
        DeviceKind::Bot => text.kind_bot(),
        DeviceKind::Other => text.kind_unknown(),
    }
}

/// "Active now", "Active 5 minutes ago", hours after an hour, days after two. `since` is the time since the card was
/// made, in minutes.
pub fn activity(text: DeviceText, card: &DeviceCard, since: u32) -> String {
    match card.idle_minutes.saturating_add(since) {
        _ if card.is_current => text.active_now().to_owned(),
        0 => text.active_now().to_owned(),
        minutes @ 1..60 => text.active_minutes(minutes),
        minutes @ 60..2880 => text.active_hours(minutes / 60),
        minutes => text.active_days(minutes / 1440),
    }
}

/// When a session ends, by the rule that comes first.
pub fn end(text: DeviceText, card: &DeviceCard) -> String {
    match card.expiry_rule {
        ExpiryRule::Idle => text.ends_idle(&duration(text, card.timeout)),
        ExpiryRule::Absolute => text.ends_absolute(&card.expires_at.phrase),
    }
}

/// "Local network", "Germany (approximate)".
pub fn place(text: DeviceText, place: &Place) -> String {
    match place {
        Place::LocalNetwork => text.place_local_network().to_owned(),
        Place::Near(place) => text.place_near(&isolated(place)),
    }
}

/// "Also used from 203.0.113.9; 192.168.1.5, Local network"; `None` without another address.
pub fn other_addresses(text: DeviceText, card: &DeviceCard) -> Option<String> {
    let addresses = card.other_addresses.iter().map(|other| match &other.place {
        Some(at) => text.place_of_address(&isolated(&other.text), &place(text, at)),
        None => isolated(&other.text),
    });
    let addresses = addresses.reduce(|first, next| text.further_address(&first, &next))?;
    Some(text.other_addresses(&addresses))
}

/// "15 minutes": in the largest exact unit.
pub fn duration(text: DeviceText, seconds: u32) -> String {
    match seconds {
        86_400.. if seconds.is_multiple_of(86_400) => text.duration_days(seconds / 86_400),
        3_600.. if seconds.is_multiple_of(3_600) => text.duration_hours(seconds / 3_600),
        60.. if seconds.is_multiple_of(60) => text.duration_minutes(seconds / 60),
        _ => text.duration_seconds(seconds),
    }
}

/// How a session was authenticated.
pub fn authenticated_by(text: DeviceText, by: AuthenticatedBy) -> &'static str {
    match by {
        AuthenticatedBy::Password => text.by_password(),
        AuthenticatedBy::OneTimePassword => text.by_one_time_password(),
    }
}

fn known(part: Option<&String>) -> Option<&str> {
    part.map(|part| part.trim()).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        text::device,
        wire::{
            Moment,
            device::{Address, Computer},
        },
    };

    fn name(browser: Option<&str>, platform: Option<&str>) -> DeviceTitle {
        DeviceTitle {
            given: None,
            browser: browser.map(str::to_owned),
            platform: platform.map(str::to_owned),
        }
    }

    fn moment(text: &str) -> Moment {
        Moment {
            machine: "2026-11-23T13:02:00Z".to_owned(),
            text: text.to_owned(),
            phrase: ["on ", text].concat(),
        }
    }

    fn card(idle_minutes: u32, is_current: bool) -> DeviceCard {
        DeviceCard {
            id: "1".to_owned(),
            is_current,
            is_new: false,
            can_be_acknowledged: false,
            kind: DeviceKind::Computer,
            name: name(Some("Firefox"), Some("Linux")),
            browser_version: Some("141.0".to_owned()),
            address: Some(Address {
                text: "203.0.113.7".to_owned(),
                place: None,
            }),
            other_addresses: Vec::new(),
            logged_in_at: moment("23 Nov 2026, 14:02"),
            first_seen_at: None,
            last_active_at: moment("23 Nov 2026, 14:02"),
            idle_minutes,
            expires_at: moment("24 Nov 2026, 02:02"),
            expiry_rule: ExpiryRule::Idle,
            timeout: 900,
            policy: None,
            authenticated_by: AuthenticatedBy::Password,
            computer: Computer::Own,
        }
    }

    #[test]
    fn a_device_always_has_a_name() {
        let text = device();
        let of = |browser, platform| device_name(text, &name(browser, platform));
        assert_eq!(of(Some("Firefox"), Some("Linux")), "Firefox on Linux");
        assert_eq!(of(Some("curl"), None), "curl");
        assert_eq!(of(None, Some("Linux")), "Unknown browser on Linux");
        assert_eq!(of(None, None), "Unknown browser");
        assert_eq!(of(Some(" "), Some("")), "Unknown browser");
    }

    #[test]
    fn activity_reads_as_people_say_it() {
        let of = |minutes| activity(device(), &card(minutes, false), 0);
        assert_eq!(of(0), "Active now");
        assert_eq!(of(1), "Active 1 minute ago");
        assert_eq!(of(59), "Active 59 minutes ago");
        assert_eq!(of(60), "Active 1 hour ago");
        assert_eq!(of(2879), "Active 47 hours ago");
        assert_eq!(of(2880), "Active 2 days ago");
        assert_eq!(activity(device(), &card(7, true), 9), "Active now");
        assert_eq!(activity(device(), &card(58, false), 2), "Active 1 hour ago");
    }

    #[test]
    fn other_addresses_are_told_if_there_are_any() {
        let mut card = card(0, true);
        assert_eq!(other_addresses(device(), &card), None);
        let address = |text: &str, place| Address {
            text: text.to_owned(),
            place,
        };
        card.other_addresses = vec![
            address("192.0.2.1", None),
            address("10.1.2.3", Some(Place::LocalNetwork)),
            address("198.51.100.7", Some(Place::Near("Germany".to_owned()))),
        ];
        let told = other_addresses(device(), &card);
        assert_eq!(
            told.as_deref(),
            Some(
                "Also used from 192.0.2.1; 10.1.2.3, Local network; 198.51.100.7, Germany (approximate)"
            )
        );
    }

    #[test]
    fn the_end_says_whether_activity_postpones_it() {
        let mut card = card(0, true);
        assert_eq!(
            end(device(), &card),
            "Logs out after 15 minutes without use"
        );
        card.expiry_rule = ExpiryRule::Absolute;
        assert_eq!(
            end(device(), &card),
            "Logs out on 24 Nov 2026, 02:02 at the latest"
        );
    }

    #[test]
    fn a_given_name_wins_and_the_original_stays() {
        let text = device();
        let mut name = name(Some("Firefox"), Some("Linux"));
        assert_eq!(recognised_as(text, &name), None);
        name.given = Some("Kitchen".to_owned());
        assert_eq!(device_name(text, &name), "Kitchen");
        assert_eq!(
            recognised_as(text, &name).as_deref(),
            Some("Firefox on Linux")
        );
        name.given = Some("المكتب".to_owned());
        assert_eq!(
            device_name_in_full(text, &name),
            "\u{2068}المكتب\u{2069} (Firefox on Linux)"
        );
    }

    #[test]
    fn a_device_of_which_nothing_is_known_still_has_a_name() {
        let text = device();
        for unknown in [name(None, None), name(Some(""), Some("  "))] {
            let shown = device_name(text, &unknown);
            assert!(!shown.trim().is_empty());
            assert_eq!(device_name_in_full(text, &unknown), shown);
        }
        assert_eq!(device_name(text, &name(Some("curl"), None)), "curl");
    }

    #[test]
    fn a_version_is_shown_with_its_browser_or_not_at_all() {
        let mut card = card(0, true);
        assert_eq!(
            browser_version(device(), &card).as_deref(),
            Some("Firefox 141.0")
        );
        card.name.browser = None;
        assert_eq!(browser_version(device(), &card), None);
    }

    #[test]
    fn a_duration_is_in_the_largest_unit_that_is_exact() {
        let of = |seconds| duration(device(), seconds);
        for (seconds, expected) in [
            (1, "1 second"),
            (90, "90 seconds"),
            (60, "1 minute"),
            (5_400, "90 minutes"),
            (3_600, "1 hour"),
            (86_400, "1 day"),
            (90_000, "25 hours"),
        ] {
            assert_eq!(of(seconds), expected);
        }
    }

    #[test]
    fn kinds_and_factors_have_words_of_their_own() {
        let text = device();
        let kinds = [
            DeviceKind::Computer,
            DeviceKind::Phone,
            DeviceKind::Tablet,
            DeviceKind::Program,
            DeviceKind::Bot,
            DeviceKind::Other,
        ];
        let words: BTreeSet<_> = kinds.map(|kind| device_kind(text, kind)).into();
        assert_eq!(words.len(), kinds.len());
        let factors = [AuthenticatedBy::Password, AuthenticatedBy::OneTimePassword];
        let [password, one_time] = factors.map(|by| authenticated_by(text, by));
        assert_ne!(password, one_time);
    }
}
