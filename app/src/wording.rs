//! Words for wire types: names, reasons and errors as sentences of the catalogue.

mod device;
#[cfg(feature = "ssr")]
mod moment;

use latchkey_words::{
    OwnWord, PolicySetting, Scope, Verb,
    access::{ADMINISTRATOR, PORTAL, USER},
};

use crate::{
    text::{self, EndedText, ErrorText, Text},
    wire::{
        ApiError, PasswordProblem,
        activity::ActivityKind,
        company::CompanyProblem,
        device::{AuthenticatedBy, DeviceTitle},
        group::{GroupProblem, RuleProblem},
        policy::{PolicyForecast, PolicyProblem, PolicyUsers},
        profile::NameProblem,
        session::{End, EndCause},
        user::{GroupTitle, LoginProblem, UserProblem},
    },
};

pub use device::{
    activity, authenticated_by, browser_version, device_kind, device_name, device_name_in_full,
    duration, end, isolated, other_addresses, place, recognised_as,
};
#[cfg(feature = "ssr")]
pub use moment::{date_day_first, date_month_first, day_heading, phrase};

/// What a person reads about the end of the own session.
#[cfg(any(test, feature = "ssr"))]
pub struct EndedSession<'a> {
    /// The session's end.
    pub end: End,
    /// The time of the end, as a phrase.
    pub when: &'a str,
    /// The session's timeout in seconds, by the rule that would have ended the session next.
    pub timeout: u32,
    /// The largest number of devices on which a person can be logged in.
    pub most_devices: u32,
}

/// Why and when the visitor's session ended, and by which device.
#[cfg(any(test, feature = "ssr"))]
pub fn end_notice(text: Text, ended: &EndedSession<'_>) -> String {
    let when = ended.when;
    let by = ended.end.by.as_ref();
    let by = by.map(|by| device_name_in_full(text::device(), by));
    match ended.end.cause {
        EndCause::LoggedOut => text.end_logged_out(when),
        EndCause::Replaced => text.end_replaced(when),
        EndCause::Revoked => match by {
            Some(by) => text.end_revoked_by(&by, when),
            None => text.end_revoked(when),
        },
        EndCause::PasswordChanged => match by {
            Some(by) => text.end_password_changed_by(&by, when),
            None => text.end_password_changed(when),
        },
        EndCause::Idle => text.end_idle(&duration(text::device(), ended.timeout), when),
        EndCause::TooOld => text.end_too_old(&duration(text::device(), ended.timeout), when),
        EndCause::Administrator | EndCause::UserDeleted => text.end_administrator(when),
        EndCause::UserDisabled => text.end_user_disabled(when),
        EndCause::Limit => text.end_limit(ended.most_devices, when),
        EndCause::LoginChanged => text.end_login_changed(when),
        EndCause::TokenReused => text.end_token_reused(when),
        EndCause::Restart => text.end_restart(when),
        EndCause::DatabaseCopied => text.end_database_copied(when),
    }
}

/// The cause of a session's end, in a few words.
pub fn end_cause(text: EndedText, end: &End) -> String {
    let by = end.by.as_ref();
    let by = by.map(|by| device_name_in_full(text::device(), by));
    let words = match end.cause {
        EndCause::LoggedOut => text.logged_out(),
        EndCause::Replaced => text.replaced(),
        EndCause::Revoked => match by {
            Some(by) => return text.revoked_by(&by),
            None => text.revoked(),
        },
        EndCause::PasswordChanged => match by {
            Some(by) => return text.password_changed_by(&by),
            None => text.password_changed(),
        },
        EndCause::Idle => text.idle(),
        EndCause::TooOld => text.too_old(),
        EndCause::Administrator | EndCause::UserDeleted => text.administrator(),
        EndCause::UserDisabled => text.user_disabled(),
        EndCause::Limit => text.limit(),
        EndCause::LoginChanged => text.login_changed(),
        EndCause::TokenReused => text.token_reused(),
        EndCause::Restart => text.restart(),
        EndCause::DatabaseCopied => text.database_copied(),
    };
    words.to_owned()
}

/// A phrase at the beginning of a line: "Today at 14:02".
pub fn capitalised(phrase: &str) -> String {
    let mut characters = phrase.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters).collect()
}

/// The time left, as "1:05".
pub fn countdown(seconds: u64) -> String {
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let zero = if seconds < 10 { ":0" } else { ":" };
    [&*minutes.to_string(), zero, &seconds.to_string()].concat()
}

/// The name of a group for people: of a built-in group in the language of the page.
pub fn group_title(text: Text, group: &GroupTitle) -> String {
    match &*group.name {
        ADMINISTRATOR => text.group_administrator().to_owned(),
        USER => text.group_user().to_owned(),
        PORTAL => text.group_portal().to_owned(),
        _ => group.title.clone(),
    }
}

/// What a group is for: of a built-in group in the language of the page.
pub fn group_about(text: Text, group: &GroupTitle, about: &str) -> String {
    match &*group.name {
        ADMINISTRATOR => text.group_administrator_about().to_owned(),
        USER => text.group_user_about().to_owned(),
        PORTAL => text.group_portal_about().to_owned(),
        _ => about.to_owned(),
    }
}

/// An event of the account, as a sentence.
pub fn activity_kind(text: Text, kind: &ActivityKind, device: Option<&DeviceTitle>) -> String {
    let device = || {
        device.map_or_else(String::new, |device| {
            device_name_in_full(text::device(), device)
        })
    };
    let sentence = match kind {
        ActivityKind::LoggedIn {
            by: AuthenticatedBy::Password,
        } => return text.activity_logged_in(&device()),
        ActivityKind::LoggedIn {
            by: AuthenticatedBy::OneTimePassword,
        } => return text.activity_logged_in_one_time(&device()),
        ActivityKind::SessionEnded(end) => return session_ended(text, end, &device()),
        ActivityKind::WrongPassword => text.activity_wrong_password(),
        ActivityKind::Disabled => text.activity_disabled(),
        ActivityKind::Denied => text.activity_denied(),
        ActivityKind::Throttled => text.activity_throttled(),
        ActivityKind::PasswordChanged => text.activity_password_changed(),
        ActivityKind::PasswordSet => text.activity_password_set(),
        ActivityKind::LogInCodeMade => text.activity_code_made(),
        ActivityKind::LogInCodeMadeByAdministrator => text.activity_code_made_by_administrator(),
        ActivityKind::LogInCodeUsed => text.activity_code_used(),
        ActivityKind::WrongCurrentPassword => text.activity_wrong_current_password(),
        ActivityKind::CompanyRefused => text.activity_company_refused(),
    };
    sentence.to_owned()
}

/// Whether the sentence about an event names the device.
pub fn names_device(kind: &ActivityKind) -> bool {
    match kind {
        ActivityKind::LoggedIn { .. } => true,
        ActivityKind::SessionEnded(end) => {
            matches!(end.cause, EndCause::LoggedOut | EndCause::Revoked)
        }
        _ => false,
    }
}

fn session_ended(text: Text, end: &End, device: &str) -> String {
    let by = end.by.as_ref();
    let by = by.map(|by| device_name_in_full(text::device(), by));
    let sentence = match end.cause {
        EndCause::LoggedOut => return text.activity_logged_out(device),
        EndCause::Revoked => {
            return match by {
                Some(by) => text.activity_revoked_by(&by, device),
                None => text.activity_revoked(device),
            };
        }
        EndCause::Replaced => text.activity_replaced(),
        EndCause::PasswordChanged => text.activity_ended_password(),
        EndCause::Idle => text.activity_ended_idle(),
        EndCause::TooOld => text.activity_ended_too_old(),
        EndCause::Administrator | EndCause::UserDeleted => text.activity_ended_administrator(),
        EndCause::UserDisabled => text.activity_ended_disabled(),
        EndCause::Limit => text.activity_ended_limit(),
        EndCause::LoginChanged => text.activity_ended_login_changed(),
        EndCause::TokenReused => text.activity_ended_token_reused(),
        EndCause::Restart => text.activity_ended_restart(),
        EndCause::DatabaseCopied => text.activity_ended_database_copied(),
    };
    sentence.to_owned()
}

/// The sentence about sessions that one act has ended, and the cause if the sentence does not say it.
pub fn sessions_ended(text: Text, end: &End, count: u32) -> (String, Option<String>) {
    if let Some(by) = &end.by {
        let by = device_name_in_full(text::device(), by);
        return (text.activity_devices_logged_out_by(count, &by), None);
    }
    let cause = (!names_device(&ActivityKind::SessionEnded(end.clone())))
        .then(|| session_ended(text, end, ""));
    (text.activity_devices_logged_out(count), cause)
}

/// An error in words, with advice.
pub fn error(text: ErrorText, error: &ApiError) -> String {
    let sentence = match error {
        ApiError::LogInDenied { message } => return message.clone(),
        ApiError::TooManyDevices { maximum } => return text.too_many_devices(*maximum),
        ApiError::Busy {
            retry_after_seconds,
        } => return text.busy(*retry_after_seconds),
        ApiError::TooManyAttempts {
            retry_after_seconds,
            ..
        } => {
            return too_many_attempts(text, *retry_after_seconds);
        }
        ApiError::NewPassword(problem) => return password_problem(text, *problem),
        ApiError::Name(problem) => return name_problem(text, *problem),
        ApiError::Login(LoginProblem::Unfit) => text.login_unfit(),
        ApiError::Login(LoginProblem::Taken) => text.login_taken(),
        ApiError::Login(LoginProblem::LooksLikeAnother) => text.login_looks_like_another(),
        ApiError::Group(problem) => return group_problem(text, *problem),
        ApiError::Rule(RuleProblem::Taken) => text.rule_name_taken(),
        ApiError::Rule(RuleProblem::NoVerb) => text.rule_no_verb(),
        ApiError::Policy(problem) => return policy_problem(text, *problem),
        ApiError::User(UserProblem::LastAdministrator) => text.last_administrator(),
        ApiError::User(UserProblem::UserAndPortal) => text.user_and_portal(),
        ApiError::User(UserProblem::OtherLogin) => text.not_the_login(),
        ApiError::User(UserProblem::TooManyCompanies { maximum }) => {
            return text.too_many_companies(*maximum);
        }
        ApiError::UnknownPreference(_) => text.unknown_preference(),
        ApiError::Company(problem) => return company_problem(text, *problem),
        ApiError::LoggedOut => text.logged_out(),
        ApiError::NewPasswordRequired => text.new_password_required(),
        ApiError::CrossSite => text.cross_site(),
        ApiError::AnotherOwner => text.another_owner(),
        ApiError::WrongCredentials { .. } => text.wrong_credentials(),
        ApiError::WrongCredentialsOrDatabase => text.wrong_credentials_or_database(),
        ApiError::UnknownDatabase => text.unknown_database(),
        ApiError::ConfirmationRequired => text.confirmation_required(),
        ApiError::WrongPassword => text.wrong_password(),
        ApiError::DeviceNameTooLong { maximum } => {
            return text.device_name_too_long(*maximum);
        }
        ApiError::NoAccess => text.no_access(),
        ApiError::NotFound => text.not_found(),
        ApiError::Malformed => text.malformed(),
        ApiError::Unavailable => text.unavailable(),
        ApiError::LogInUndecided => text.log_in_undecided(),
        ApiError::Internal { .. } => text.internal(),
        ApiError::Unreachable => text.unreachable(),
        ApiError::NoCookie => text.no_cookie(),
        ApiError::ForeignAnswer => text.foreign_answer(),
    };
    sentence.to_owned()
}

/// That the person has to wait.
pub fn too_many_attempts(text: ErrorText, seconds: u32) -> String {
    match seconds {
        seconds @ ..120 => text.too_many_attempts_seconds(seconds),
        seconds => text.too_many_attempts_minutes(seconds.div_ceil(60)),
    }
}

/// That one more failure causes a wait.
pub fn last_attempt(text: ErrorText, seconds: u32) -> String {
    match seconds {
        seconds @ ..120 => text.last_attempt_seconds(seconds),
        seconds => text.last_attempt_minutes(seconds.div_ceil(60)),
    }
}

/// The sentence with the reference, for the reader of the server's log.
pub fn reference(text: ErrorText, error: &ApiError) -> Option<String> {
    match error {
        ApiError::Internal { reference } if is_reference(reference) => {
            Some(text.reference(reference))
        }
        _ => None,
    }
}

/// Whether the text is eight hexadecimal digits, as the server makes them. No other text is shown.
fn is_reference(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn group_problem(text: ErrorText, problem: GroupProblem) -> String {
    let sentence = match problem {
        GroupProblem::UnfitName => text.group_name_unfit(),
        GroupProblem::Taken => text.group_name_taken(),
        GroupProblem::AboutTooLong { maximum } => return text.group_about_too_long(maximum),
        GroupProblem::AboutControlCharacter => text.group_about_control(),
        GroupProblem::BuiltIn => text.group_built_in(),
        GroupProblem::HasRules => text.group_has_rule(),
        GroupProblem::Circle => text.group_circle(),
        GroupProblem::OtherName => text.not_the_group(),
    };
    sentence.to_owned()
}

fn company_problem(text: ErrorText, problem: CompanyProblem) -> String {
    let sentence = match problem {
        CompanyProblem::NotAllowed => text.company_not_allowed(),
        CompanyProblem::NoneChosen => text.no_company(),
        CompanyProblem::Taken => text.company_name_taken(),
        CompanyProblem::Last => text.last_company(),
        CompanyProblem::OnlyOneOfUsers { users } => return text.company_needed(users),
    };
    sentence.to_owned()
}

/// The name of a resource for people.
pub fn resource(text: Text, name: &str) -> String {
    match name {
        "users" => text.users_title(),
        "companies" => text.companies_title(),
        "groups" => text.groups_title(),
        "settings" => text.resource_settings(),
        "sessions" => text.resource_sessions(),
        "log_in_attempts" => text.resource_attempts(),
        "audit" => text.resource_audit(),
        "debug_mode" => text.resource_debug(),
        other => return other.to_owned(),
    }
    .to_owned()
}

/// The rows that a record rule lets through.
pub fn scope(text: Text, scope: Scope) -> &'static str {
    match scope {
        Scope::Own => text.scope_own(),
        Scope::ActiveCompanies => text.scope_active(),
        Scope::AllowedCompanies => text.scope_allowed(),
        Scope::All => text.scope_all(),
    }
}

/// What is done with the rows of a resource.
pub fn verb(text: Text, verb: Verb) -> &'static str {
    match verb {
        Verb::Read => text.verb_read(),
        Verb::Write => text.verb_write(),
        Verb::Create => text.verb_create(),
        Verb::Delete => text.verb_delete(),
    }
}

fn name_problem(text: ErrorText, problem: NameProblem) -> String {
    match problem {
        NameProblem::Empty => text.name_empty().to_owned(),
        NameProblem::TooLong { maximum } => text.device_name_too_long(maximum),
        NameProblem::ControlCharacter => text.name_control_character().to_owned(),
    }
}

/// The city of a time zone: "New York", "Buenos Aires (Argentina)".
pub fn city(zone: &str) -> String {
    let zone = zone.replace('_', " ");
    let mut parts = zone.split('/').skip(1);
    match (parts.next(), parts.next()) {
        (Some(country), Some(city)) => format!("{city} ({country})"),
        (Some(city), None) => city.to_owned(),
        (None, _) => zone,
    }
}

fn password_problem(text: ErrorText, problem: PasswordProblem) -> String {
    match problem {
        PasswordProblem::TooShort { minimum } => text.password_too_short(minimum),
        // No character has more than four bytes, so this many always fit.
        PasswordProblem::TooLong { maximum } => text.password_too_long(maximum / 4),
        PasswordProblem::TooCommon => text.password_too_common().to_owned(),
        PasswordProblem::ContainsOwn(word) => match word {
            OwnWord::Login => text.password_contains_login(),
            OwnWord::Name => text.password_contains_name(),
            OwnWord::Database => text.password_contains_database(),
            OwnWord::Product => text.password_contains_product(),
        }
        .to_owned(),
        PasswordProblem::Unchanged => text.password_unchanged().to_owned(),
        PasswordProblem::NotRepeated => text.password_not_repeated().to_owned(),
    }
}

fn policy_problem(text: ErrorText, problem: PolicyProblem) -> String {
    match problem {
        PolicyProblem::NoNumber => text.policy_no_number().to_owned(),
        PolicyProblem::NeedsTime => text.policy_needs_time().to_owned(),
        PolicyProblem::TooSmall { setting, least } => {
            text.policy_too_small(&policy_value(setting, least))
        }
        PolicyProblem::NotStricter {
            setting,
            configured,
        } if setting.is_stricter_if_larger() => {
            text.policy_not_larger(&policy_value(setting, configured))
        }
        PolicyProblem::NotStricter {
            setting,
            configured,
        } => text.policy_not_stricter(&policy_value(setting, configured)),
        PolicyProblem::TooLarge { setting, most } => {
            text.policy_too_large(&policy_value(setting, most))
        }
        PolicyProblem::NeedsAgreement(forecast) => policy_forecast(text, &forecast).join(" "),
    }
}

/// What a policy would do to the people who are logged in: a sentence each.
pub fn policy_forecast(text: ErrorText, forecast: &PolicyForecast) -> Vec<String> {
    let said = |number: u32, words: String| (number > 0).then_some(words);
    let of = |number: u32| number.to_string();
    let PolicyForecast {
        sessions,
        users,
        soon,
        own,
        users_above,
        refuses_log_in,
    } = *forecast;
    let above = if refuses_log_in {
        text.policy_users_refused(&of(users_above))
    } else {
        text.policy_users_above(&of(users_above))
    };
    let sentences = [
        said(sessions, text.policy_would_end(&of(sessions), &of(users))),
        said(soon, text.policy_would_end_soon(&of(soon))),
        said(own, text.policy_would_end_own(&of(own))),
        said(users_above, above),
        Some(text.policy_not_set_yet().to_owned()),
    ];
    sentences.into_iter().flatten().collect()
}

/// The number of entries that the server puts into a file, as people read it: "10,000".
pub fn most_exported(text: Text) -> String {
    ["10", text.number_thousands(), "000"].concat()
}

/// A setting that a policy makes stricter, before its value.
pub fn policy_setting(text: Text, setting: PolicySetting) -> &'static str {
    match setting {
        PolicySetting::IdleTimeout => text.policy_idle_timeout(),
        PolicySetting::AbsoluteTimeout => text.policy_absolute_timeout(),
        PolicySetting::SharedIdleTimeout => text.policy_shared_idle_timeout(),
        PolicySetting::ConfirmationTimeout => text.policy_confirmation_timeout(),
        PolicySetting::MaxSessions => text.policy_max_sessions(),
        PolicySetting::SharedComputer => text.policy_shared_computer(),
        PolicySetting::MinPasswordLength => text.policy_min_password_length(),
        PolicySetting::RefuseLogIn => text.policy_refuse_log_in(),
    }
}

/// The value of a setting without a policy.
pub fn policy_configured(text: Text, setting: PolicySetting, configured: Option<u32>) -> String {
    match configured {
        Some(value) => policy_value(setting, value),
        None if setting == PolicySetting::SharedComputer => text.policy_as_said().to_owned(),
        None if setting == PolicySetting::RefuseLogIn => text.policy_ends_unused().to_owned(),
        None => text.policy_no_limit().to_owned(),
    }
}

/// The value of a policy: a duration, a number of devices or characters, or "always".
pub fn policy_value(setting: PolicySetting, value: u32) -> String {
    if setting.is_switch() {
        text::device().always().to_owned()
    } else if setting.is_time() {
        duration(text::device(), value)
    } else if setting == PolicySetting::MinPasswordLength {
        text::device().characters_of(value)
    } else {
        text::device().number_of(value)
    }
}

/// The users whom a policy is for.
pub fn policy_users(text: Text, whom: &PolicyUsers) -> String {
    match whom {
        PolicyUsers::All => text.rule_for_all().to_owned(),
        PolicyUsers::OfCompany(_, name) => text.policy_for_company(&isolated(name)),
        PolicyUsers::OfGroup(_, title) => text.rule_for_group(&isolated(&group_title(text, title))),
    }
}

#[cfg(test)]
mod tests;
