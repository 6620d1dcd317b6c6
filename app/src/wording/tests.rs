use std::collections::BTreeSet;

use super::*;
use crate::text;

#[test]
fn a_revoked_browser_is_told_by_which_device_and_when() {
    let by = DeviceTitle {
        given: Some("Kitchen".to_owned()),
        browser: Some("Firefox".to_owned()),
        platform: Some("Linux".to_owned()),
    };
    let by = Some(by);
    let notice = EndedSession {
        end: End {
            cause: EndCause::Revoked,
            by,
        },
        when: "today at 14:03",
        timeout: 900,
        most_devices: 3,
    };
    assert_eq!(
        end_notice(Text::default(), &notice),
        "Your device Kitchen (Firefox on Linux) logged this one out today at 14:03. Not you? Log in \
         and change your password."
    );
}

#[test]
fn a_reference_is_eight_hexadecimal_digits_or_nothing() {
    let of = |text: &str| {
        let reference = text.to_owned();
        reference_of(&ApiError::Internal { reference })
    };
    assert!(of("0123abcd").unwrap().contains("0123abcd"));
    for text in [
        "",
        "0123abc",
        "0123abcde",
        "call 555",
        "+123abcd",
        "\u{ff10}123abc",
    ] {
        assert_eq!(of(text), None, "{text:?}");
    }
}

fn reference_of(error: &ApiError) -> Option<String> {
    reference(text::error(), error)
}

#[test]
fn a_busy_server_says_when_to_come_back() {
    let busy = ApiError::Busy {
        retry_after_seconds: 2,
    };
    assert!(error(text::error(), &busy).contains("in 2 seconds"));
}

#[test]
fn a_throttled_log_in_says_when_to_come_back() {
    let of = |retry_after_seconds| {
        let throttled = ApiError::TooManyAttempts {
            retry_after_seconds,
            is_code_refused: false,
        };
        error(text::error(), &throttled)
    };
    assert!(of(1).contains("Wait 1 second,"), "{}", of(1));
    assert!(of(119).contains("Wait 119 seconds,"));
    assert!(of(121).contains("Wait 3 minutes,"));
}

#[test]
fn the_last_attempt_is_announced_with_the_wait_after_it() {
    let of = |seconds| last_attempt(text::error(), seconds);
    assert_eq!(
        of(30),
        "One more failed attempt and you have to wait 30 seconds."
    );
    assert!(of(1).ends_with("wait 1 second."), "{}", of(1));
    assert!(of(119).ends_with("wait 119 seconds."), "{}", of(119));
    assert!(of(121).ends_with("wait 3 minutes."), "{}", of(121));
}

/// Each end that a person can read about.
fn every_end() -> Vec<End> {
    let causes = [
        EndCause::LoggedOut,
        EndCause::Replaced,
        EndCause::Revoked,
        EndCause::PasswordChanged,
        EndCause::Idle,
        EndCause::TooOld,
        EndCause::Administrator,
        EndCause::UserDisabled,
        EndCause::LoginChanged,
        EndCause::TokenReused,
        EndCause::Restart,
        EndCause::DatabaseCopied,
        EndCause::Limit,
    ];
    let known = [EndCause::Revoked, EndCause::PasswordChanged].map(|cause| End {
        cause,
        by: Some(DeviceTitle::default()),
    });
    let mut ends = causes.map(|cause| End { cause, by: None }).to_vec();
    ends.extend(known);
    ends
}

fn every_error() -> Vec<ApiError> {
    let retry_after_seconds = 7;
    let problems = [
        PasswordProblem::TooShort { minimum: 15 },
        PasswordProblem::TooLong { maximum: 1024 },
        PasswordProblem::TooCommon,
        PasswordProblem::ContainsOwn(OwnWord::Login),
        PasswordProblem::ContainsOwn(OwnWord::Name),
        PasswordProblem::ContainsOwn(OwnWord::Database),
        PasswordProblem::ContainsOwn(OwnWord::Product),
        PasswordProblem::Unchanged,
        PasswordProblem::NotRepeated,
    ];
    let mut errors = vec![
        ApiError::LoggedOut,
        ApiError::NewPasswordRequired,
        ApiError::CrossSite,
        ApiError::AnotherOwner,
        ApiError::Company(CompanyProblem::NotAllowed),
        ApiError::Company(CompanyProblem::NoneChosen),
        ApiError::Company(CompanyProblem::Taken),
        ApiError::Company(CompanyProblem::Last),
        ApiError::Company(CompanyProblem::OnlyOneOfUsers { users: 2 }),
        ApiError::WrongCredentials { wait: None },
        ApiError::WrongCredentialsOrDatabase,
        ApiError::LogInUndecided,
        ApiError::TooManyDevices { maximum: 3 },
        ApiError::TooManyAttempts {
            retry_after_seconds,
            is_code_refused: false,
        },
        ApiError::UnknownDatabase,
        ApiError::ConfirmationRequired,
        ApiError::WrongPassword,
        ApiError::DeviceNameTooLong { maximum: 64 },
        ApiError::NotFound,
        ApiError::Malformed,
        ApiError::Busy {
            retry_after_seconds,
        },
        ApiError::Unavailable,
        ApiError::Internal {
            reference: "0123abcd".to_owned(),
        },
        ApiError::Unreachable,
        ApiError::NoCookie,
        ApiError::ForeignAnswer,
    ];
    errors.extend(problems.map(ApiError::NewPassword));
    errors
}

/// Holds when no two texts are the same and each is a sentence.
fn are_sentences_of_their_own(texts: &[String]) {
    let distinct: BTreeSet<_> = texts.iter().collect();
    assert_eq!(distinct.len(), texts.len(), "{texts:#?}");
    for text in texts {
        assert!(
            text.ends_with('.') && text.starts_with(char::is_uppercase),
            "{text:?}"
        );
    }
}

#[test]
fn every_error_has_a_sentence_of_its_own() {
    let of = |error: &ApiError| super::error(text::error(), error);
    let sentences: Vec<_> = every_error().iter().map(of).collect();
    are_sentences_of_their_own(&sentences);
    assert!(
        !sentences.concat().contains("0123abcd"),
        "a reference is shown apart"
    );
}

#[test]
fn a_refusal_of_a_module_is_said_in_its_own_words() {
    let message = "Only on weekdays".to_owned();
    let denied = ApiError::LogInDenied { message };
    assert_eq!(error(text::error(), &denied), "Only on weekdays");
}

#[test]
fn every_end_of_a_session_has_a_sentence_that_says_when() {
    let notice = |end| EndedSession {
        end,
        when: "today at 14:03",
        timeout: 900,
        most_devices: 3,
    };
    let of = |end| end_notice(Text::default(), &notice(end));
    let sentences: Vec<_> = every_end().into_iter().map(of).collect();
    are_sentences_of_their_own(&sentences);
    for sentence in sentences {
        assert!(sentence.contains("today at 14:03"), "{sentence:?}");
    }
}

#[test]
fn a_session_that_ended_by_a_rule_says_the_number_of_the_rule() {
    let of = |cause| {
        let notice = EndedSession {
            end: End { cause, by: None },
            when: "today at 14:03",
            timeout: 900,
            most_devices: 3,
        };
        end_notice(Text::default(), &notice)
    };
    for (cause, expected) in [
        (EndCause::Idle, "nothing happened here for 15 minutes"),
        (EndCause::TooOld, "for at most 15 minutes"),
        (EndCause::Limit, "on 3 devices"),
    ] {
        assert!(of(cause).contains(expected), "{}", of(cause));
    }
}

#[test]
fn every_end_has_words_of_its_own_in_the_list_of_ended_sessions() {
    let of = |end: &End| end_cause(text::ended(), end);
    let words: BTreeSet<_> = every_end().iter().map(of).collect();
    assert_eq!(words.len(), every_end().len(), "{words:#?}");
    assert!(words.iter().all(|words| !words.is_empty()));
}

#[test]
fn every_kind_of_activity_has_words_of_its_own() {
    let mut kinds = vec![
        ActivityKind::LoggedIn {
            by: AuthenticatedBy::Password,
        },
        ActivityKind::LoggedIn {
            by: AuthenticatedBy::OneTimePassword,
        },
        ActivityKind::WrongPassword,
        ActivityKind::CompanyRefused,
        ActivityKind::Disabled,
        ActivityKind::Denied,
        ActivityKind::Throttled,
        ActivityKind::PasswordChanged,
        ActivityKind::PasswordSet,
        ActivityKind::LogInCodeMade,
        ActivityKind::LogInCodeMadeByAdministrator,
        ActivityKind::LogInCodeUsed,
        ActivityKind::WrongCurrentPassword,
    ];
    // Only a revoke says which device it came from.
    let ends = every_end().into_iter();
    let ends = ends.filter(|end| end.by.is_none() || end.cause == EndCause::Revoked);
    kinds.extend(ends.map(ActivityKind::SessionEnded));
    let of = |kind: &ActivityKind| activity_kind(Text::default(), kind, None);
    let words: BTreeSet<_> = kinds.iter().map(of).collect();
    assert_eq!(words.len(), kinds.len(), "{words:#?}");
}

#[test]
fn a_line_begins_with_a_capital_letter() {
    assert_eq!(capitalised("today at 14:02"), "Today at 14:02");
    assert_eq!(capitalised("étage"), "Étage");
    assert_eq!(capitalised(""), "");
}

#[test]
fn a_countdown_has_two_digits_for_seconds() {
    for (seconds, expected) in [(0, "0:00"), (9, "0:09"), (60, "1:00"), (605, "10:05")] {
        assert_eq!(countdown(seconds), expected);
    }
}
