//! Wire types put into words: names, reasons and errors as sentences of the catalogue.

use crate::{
    api::{
        ApiError, PasswordProblem,
        activity::ActivityKind,
        device::{AuthenticatedBy, DeviceCard, DeviceKind, DeviceName, ExpiryRule},
        session::{EndCause, EndNotice},
    },
    text::Text,
};

/// "Firefox on Linux"; never blank, whatever is unknown.
pub fn device_name(text: Text, name: &DeviceName) -> String {
    let browser = known(name.browser.as_ref());
    let platform = known(name.platform.as_ref());
    match (browser, platform) {
        (None, None) => text.device_unknown_browser().to_owned(),
        (browser, platform) => text.device_name(
            browser.unwrap_or(text.device_unknown_browser()),
            platform.unwrap_or(text.device_unknown_platform()),
        ),
    }
}

/// "Firefox 141.0"; nothing where the agent does not tell its version.
pub fn browser_version(text: Text, card: &DeviceCard) -> Option<String> {
    let browser = known(card.name.browser.as_ref())?;
    let version = known(card.browser_version.as_ref())?;
    Some(text.device_version(browser, version))
}

/// What a device's icon shows.
pub fn device_kind(text: Text, kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Computer => text.device_kind_computer(),
        DeviceKind::Phone => text.device_kind_phone(),
        DeviceKind::Tablet => text.device_kind_tablet(),
        DeviceKind::Other => text.device_kind_unknown(),
    }
}

/// "Active now", "Active 5 minutes ago", hours after an hour, days after two.
pub fn activity(text: Text, card: &DeviceCard) -> String {
    match card.idle_minutes {
        _ if card.is_current => text.device_active_now().to_owned(),
        0 => text.device_active_now().to_owned(),
        minutes @ 1..60 => text.device_active_minutes(minutes),
        minutes @ 60..2880 => text.device_active_hours(minutes / 60),
        minutes => text.device_active_days(minutes / 1440),
    }
}

/// When a session ends, and which rule says so.
pub fn end(text: Text, card: &DeviceCard) -> String {
    let timeout = duration(text, card.timeout);
    match card.expiry_rule {
        ExpiryRule::Idle => text.device_ends_idle(&card.expires_at.text, &timeout),
        ExpiryRule::Absolute => text.device_ends_absolute(&card.expires_at.text, &timeout),
    }
}

/// "Also used from 203.0.113.9, 192.168.1.5"; nothing where there was no other address.
pub fn other_addresses(text: Text, card: &DeviceCard) -> Option<String> {
    let addresses: Vec<_> = card
        .other_addresses
        .iter()
        .map(|other| &*other.text)
        .collect();
    (!addresses.is_empty()).then(|| text.device_other_addresses(&addresses.join(", ")))
}

/// "15 minutes": in the largest unit that says it exactly.
fn duration(text: Text, seconds: u32) -> String {
    match seconds {
        86_400.. if seconds.is_multiple_of(86_400) => text.duration_days(seconds / 86_400),
        3_600.. if seconds.is_multiple_of(3_600) => text.duration_hours(seconds / 3_600),
        60.. if seconds.is_multiple_of(60) => text.duration_minutes(seconds / 60),
        _ => text.duration_seconds(seconds),
    }
}

/// How a session was authenticated.
pub fn authenticated_by(text: Text, by: AuthenticatedBy) -> &'static str {
    match by {
        AuthenticatedBy::Password => text.device_by_password(),
        AuthenticatedBy::OneTimePassword => text.device_by_one_time_password(),
    }
}

/// Why, when and from where the visitor was signed out.
pub fn end_notice(text: Text, notice: &EndNotice) -> String {
    let at = &notice.at.text;
    match &notice.cause {
        EndCause::LoggedOut => text.end_logged_out(at),
        EndCause::Replaced => text.end_replaced(at),
        EndCause::Revoked { by: Some(by) } => text.end_revoked_by(&device_name(text, by), at),
        EndCause::Revoked { by: None } => text.end_revoked(at),
        EndCause::PasswordChanged { by: Some(by) } => {
            text.end_password_changed_by(&device_name(text, by), at)
        }
        EndCause::PasswordChanged { by: None } => text.end_password_changed(at),
        EndCause::Idle => text.end_idle(at),
        EndCause::TooOld => text.end_too_old(at),
        EndCause::Administrator => text.end_administrator(at),
        EndCause::UserDisabled => text.end_user_disabled(at),
        EndCause::Limit => text.end_limit(at),
        EndCause::LoginChanged => text.end_login_changed(at),
        EndCause::TokenReused => text.end_token_reused(at),
        EndCause::Restart => text.end_restart(at),
        EndCause::DatabaseCopied => text.end_database_copied(at),
    }
}

/// What ended a session, in a few words.
pub fn end_cause(text: Text, cause: &EndCause) -> String {
    let words = match cause {
        EndCause::Revoked { by: Some(by) } => return text.ended_revoked_by(&device_name(text, by)),
        EndCause::PasswordChanged { by: Some(by) } => {
            return text.ended_password_changed_by(&device_name(text, by));
        }
        EndCause::LoggedOut => text.ended_logged_out(),
        EndCause::Replaced => text.ended_replaced(),
        EndCause::Revoked { by: None } => text.ended_revoked(),
        EndCause::PasswordChanged { by: None } => text.ended_password_changed(),
        EndCause::Idle => text.ended_idle(),
        EndCause::TooOld => text.ended_too_old(),
        EndCause::Administrator => text.ended_administrator(),
        EndCause::UserDisabled => text.ended_user_disabled(),
        EndCause::Limit => text.ended_limit(),
        EndCause::LoginChanged => text.ended_login_changed(),
        EndCause::TokenReused => text.ended_token_reused(),
        EndCause::Restart => text.ended_restart(),
        EndCause::DatabaseCopied => text.ended_database_copied(),
    };
    words.to_owned()
}

/// "1:05", for what is left.
pub fn countdown(seconds: u64) -> String {
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let zero = if seconds < 10 { ":0" } else { ":" };
    [&*minutes.to_string(), zero, &seconds.to_string()].concat()
}

/// What has happened to the account.
pub fn activity_kind(text: Text, kind: &ActivityKind) -> &'static str {
    match kind {
        ActivityKind::LoggedIn {
            by: AuthenticatedBy::Password,
        } => text.activity_logged_in(),
        ActivityKind::LoggedIn {
            by: AuthenticatedBy::OneTimePassword,
        } => text.activity_logged_in_one_time(),
        ActivityKind::WrongPassword => text.activity_wrong_password(),
        ActivityKind::Disabled => text.activity_disabled(),
        ActivityKind::Denied => text.activity_denied(),
        ActivityKind::Throttled => text.activity_throttled(),
        ActivityKind::SessionEnded(cause) => session_ended(text, cause),
        ActivityKind::PasswordChanged => text.activity_password_changed(),
        ActivityKind::PasswordSet => text.activity_password_set(),
    }
}

fn session_ended(text: Text, cause: &EndCause) -> &'static str {
    match cause {
        EndCause::LoggedOut => text.activity_logged_out(),
        EndCause::Replaced => text.activity_replaced(),
        EndCause::Revoked { .. } => text.activity_revoked(),
        EndCause::PasswordChanged { .. } => text.activity_ended_password(),
        EndCause::Idle => text.activity_ended_idle(),
        EndCause::TooOld => text.activity_ended_too_old(),
        EndCause::Administrator => text.activity_ended_administrator(),
        EndCause::UserDisabled => text.activity_ended_disabled(),
        EndCause::Limit => text.activity_ended_limit(),
        EndCause::LoginChanged => text.activity_ended_login_changed(),
        EndCause::TokenReused => text.activity_ended_token_reused(),
        EndCause::Restart => text.activity_ended_restart(),
        EndCause::DatabaseCopied => text.activity_ended_database_copied(),
    }
}

/// What went wrong, and what to do about it.
pub fn error(text: Text, error: &ApiError) -> String {
    let sentence = match error {
        ApiError::LogInDenied { message } => return message.clone(),
        ApiError::Busy {
            retry_after_seconds,
        } => return text.error_busy(*retry_after_seconds),
        ApiError::TooManyAttempts {
            retry_after_seconds,
        } => {
            return match retry_after_seconds {
                seconds @ ..120 => text.error_too_many_attempts_seconds(*seconds),
                seconds => text.error_too_many_attempts_minutes(seconds.div_ceil(60)),
            };
        }
        ApiError::NewPassword(problem) => return password_problem(text, *problem),
        ApiError::SignedOut => text.error_signed_out(),
        ApiError::NewPasswordRequired => text.error_new_password_required(),
        ApiError::CrossSite => text.error_cross_site(),
        ApiError::WrongCredentials => text.error_wrong_credentials(),
        ApiError::UnknownDatabase => text.error_unknown_database(),
        ApiError::ConfirmationRequired => text.error_confirmation_required(),
        ApiError::WrongPassword => text.error_wrong_password(),
        ApiError::NotFound => text.error_not_found(),
        ApiError::Malformed => text.error_malformed(),
        ApiError::Unavailable => text.error_unavailable(),
        ApiError::Internal { .. } => text.error_internal(),
        ApiError::Unreachable => text.error_unreachable(),
    };
    sentence.to_owned()
}

/// What to tell whoever reads the server's log.
pub fn reference(text: Text, error: &ApiError) -> Option<String> {
    match error {
        ApiError::Internal { reference } => Some(text.failure_reference(reference)),
        _ => None,
    }
}

fn password_problem(text: Text, problem: PasswordProblem) -> String {
    match problem {
        PasswordProblem::TooShort { minimum } => text.error_password_too_short(minimum),
        PasswordProblem::TooLong { maximum } => text.error_password_too_long(maximum),
        PasswordProblem::TooCommon => text.error_password_too_common().to_owned(),
        PasswordProblem::Unchanged => text.error_password_unchanged().to_owned(),
        PasswordProblem::NotRepeated => text.error_password_not_repeated().to_owned(),
    }
}

fn known(part: Option<&String>) -> Option<&str> {
    part.map(|part| part.trim()).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Moment, device::Address};

    fn name(browser: Option<&str>, platform: Option<&str>) -> DeviceName {
        DeviceName {
            browser: browser.map(str::to_owned),
            platform: platform.map(str::to_owned),
        }
    }

    fn moment(text: &str) -> Moment {
        Moment {
            machine: "2026-11-23T13:02:00Z".to_owned(),
            text: text.to_owned(),
        }
    }

    fn card(idle_minutes: u32, is_current: bool) -> DeviceCard {
        DeviceCard {
            id: "1".to_owned(),
            is_current,
            kind: DeviceKind::Computer,
            name: name(Some("Firefox"), Some("Linux")),
            browser_version: Some("141.0".to_owned()),
            address: Some(Address {
                text: "203.0.113.7".to_owned(),
                is_local: false,
            }),
            other_addresses: Vec::new(),
            signed_in_at: moment("23 Nov 2026, 14:02"),
            last_active_at: moment("23 Nov 2026, 14:02"),
            idle_minutes,
            expires_at: moment("24 Nov 2026, 02:02"),
            expiry_rule: ExpiryRule::Idle,
            timeout: 900,
            authenticated_by: AuthenticatedBy::Password,
            is_on_shared_computer: false,
        }
    }

    #[test]
    fn a_device_always_has_a_name() {
        let text = Text::default();
        let of = |browser, platform| device_name(text, &name(browser, platform));
        assert_eq!(of(Some("Firefox"), Some("Linux")), "Firefox on Linux");
        assert_eq!(of(Some("Firefox"), None), "Firefox on unknown system");
        assert_eq!(of(None, Some("Linux")), "Unknown browser on Linux");
        assert_eq!(of(None, None), "Unknown browser");
        assert_eq!(of(Some(" "), Some("")), "Unknown browser");
    }

    #[test]
    fn activity_reads_as_people_say_it() {
        let of = |minutes| activity(Text::default(), &card(minutes, false));
        assert_eq!(of(0), "Active now");
        assert_eq!(of(1), "Active 1 minute ago");
        assert_eq!(of(59), "Active 59 minutes ago");
        assert_eq!(of(60), "Active 1 hour ago");
        assert_eq!(of(2879), "Active 47 hours ago");
        assert_eq!(of(2880), "Active 2 days ago");
        assert_eq!(activity(Text::default(), &card(7, true)), "Active now");
    }

    #[test]
    fn a_revoked_browser_is_told_by_which_device_and_when() {
        let by = Some(name(Some("Firefox"), Some("Linux")));
        let notice = EndNotice {
            cause: EndCause::Revoked { by },
            at: moment("23 Nov 2026, 14:03"),
        };
        assert_eq!(
            end_notice(Text::default(), &notice),
            "You were signed out from Firefox on Linux at 23 Nov 2026, 14:03."
        );
    }

    #[test]
    fn a_busy_server_says_when_to_come_back() {
        let busy = ApiError::Busy {
            retry_after_seconds: 2,
        };
        assert!(error(Text::default(), &busy).contains("in 2 seconds"));
    }

    #[test]
    fn a_throttled_log_in_says_when_to_come_back() {
        let of = |retry_after_seconds| {
            let throttled = ApiError::TooManyAttempts {
                retry_after_seconds,
            };
            error(Text::default(), &throttled)
        };
        assert!(of(1).ends_with("in 1 second."), "{}", of(1));
        assert!(of(119).ends_with("in 119 seconds."));
        assert!(of(121).ends_with("in 3 minutes."));
    }

    #[test]
    fn other_addresses_are_told_if_there_are_any() {
        let mut card = card(0, true);
        assert_eq!(other_addresses(Text::default(), &card), None);
        card.other_addresses = ["192.0.2.1", "198.51.100.7"]
            .map(|text| Address {
                text: text.to_owned(),
                is_local: false,
            })
            .into();
        let told = other_addresses(Text::default(), &card);
        assert_eq!(
            told.as_deref(),
            Some("Also used from 192.0.2.1, 198.51.100.7")
        );
    }

    #[test]
    fn the_end_says_whether_using_it_puts_it_off() {
        let mut card = card(0, true);
        assert_eq!(
            end(Text::default(), &card),
            "Ends 24 Nov 2026, 02:02: 15 minutes idle"
        );
        card.expiry_rule = ExpiryRule::Absolute;
        assert_eq!(
            end(Text::default(), &card),
            "Ends 24 Nov 2026, 02:02: 15 minutes after log-in"
        );
    }
}
