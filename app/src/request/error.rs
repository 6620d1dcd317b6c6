//! Converts the core's errors to the error on the wire. A cause that people must not see is logged here,
//! once, under the reference that they do see.

use std::fmt::Display;

use latchkey_core::{
    InvalidName, MOST_NAME_CHARACTERS, StoreError,
    account::{
        AddUserError, AdministerError, ChangeGroupsError, ChangePasswordError, ChangeProfileError,
        ChangeRulesError, ConfirmError, CreateUserError, InvalidGroupAbout, InvalidGroupName,
        MOST_ABOUT_CHARACTERS, MOST_COMPANIES_OF_USER, RenameUserError, SetCompaniesError,
        SetPasswordError, SetPolicyError,
    },
    device::{DeviceNameTooLong, MOST_CHARACTERS},
    log_in::{self, LogInError},
    random::{Random, SystemRandom},
    session::{AcknowledgeError, ConfirmationRequired, NameDeviceError, RevokeError},
    user::{InvalidLogin, InvalidPassword, MAXIMUM_BYTES, Overloaded},
};
use server_fn::error::ServerFnErrorErr;

use crate::wire::{
    ApiError, PasswordProblem, Wait,
    company::CompanyProblem,
    group::{GroupProblem, RuleProblem},
    policy::PolicyProblem,
    profile::{NameProblem, PreferenceField},
    user::{LoginProblem, UserProblem},
};

/// A failure of the server. The cause is logged under a reference, and only the reference leaves the server.
pub fn internal(cause: impl Display) -> ApiError {
    let random: [u8; 4] = (&SystemRandom as &dyn Random).bytes();
    let reference = format!("{:08x}", u32::from_be_bytes(random));
    tracing::error!(reference, cause = %cause, "internal error");
    ApiError::Internal { reference }
}

impl ApiError {
    /// A failure of leptos itself.
    pub(crate) fn unexpected(error: &ServerFnErrorErr) -> Self {
        internal(error)
    }

    /// The HTTP status of the error.
    pub fn status(&self) -> http::StatusCode {
        use http::StatusCode;
        match self {
            Self::LoggedOut | Self::WrongCredentials { .. } | Self::WrongCredentialsOrDatabase => {
                StatusCode::UNAUTHORIZED
            }
            Self::NewPasswordRequired
            | Self::CrossSite
            | Self::LogInDenied { .. }
            | Self::TooManyDevices { .. }
            | Self::NoAccess
            | Self::Company(CompanyProblem::NotAllowed)
            | Self::ConfirmationRequired => StatusCode::FORBIDDEN,
            Self::AnotherOwner => StatusCode::CONFLICT,
            Self::UnknownDatabase | Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongPassword
            | Self::NewPassword(_)
            | Self::DeviceNameTooLong { .. }
            | Self::Name(_)
            | Self::Login(_)
            | Self::User(_)
            | Self::Group(_)
            | Self::Rule(_)
            | Self::Policy(_)
            | Self::Company(_)
            | Self::UnknownPreference(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. } | Self::Unavailable | Self::LogInUndecided => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Internal { .. } | Self::Unreachable | Self::ForeignAnswer | Self::NoCookie => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// Seconds after which another try may succeed.
    pub fn retry_after_seconds(&self) -> Option<u32> {
        match self {
            Self::Busy {
                retry_after_seconds,
            }
            | Self::TooManyAttempts {
                retry_after_seconds,
                ..
            } => Some(*retry_after_seconds),
            Self::Unavailable | Self::LogInUndecided => Some(5),
            _ => None,
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        match &error {
            StoreError::Unavailable(_) => {
                tracing::warn!(cause, "{error}");
                Self::Unavailable
            }
            StoreError::DatabaseGone(_) => Self::UnknownDatabase,
            StoreError::Failed(_) => {
                internal(format_args!("{error}: {}", cause.unwrap_or_default()))
            }
        }
    }
}

impl From<Overloaded> for ApiError {
    fn from(error: Overloaded) -> Self {
        Self::Busy {
            retry_after_seconds: error.retry_after_seconds,
        }
    }
}

impl From<log_in::Wait> for Wait {
    fn from(wait: log_in::Wait) -> Self {
        match wait {
            log_in::Wait::Now(seconds) => Self::Now(seconds),
            log_in::Wait::AfterNextFailure(seconds) => Self::AfterNextFailure(seconds),
        }
    }
}

impl From<LogInError> for ApiError {
    fn from(error: LogInError) -> Self {
        match error {
            LogInError::WrongCredentials { wait } => Self::WrongCredentials {
                wait: wait.map(Wait::from),
            },
            LogInError::Throttled {
                retry_after_seconds,
            } => Self::TooManyAttempts {
                retry_after_seconds,
                is_code_refused: false,
            },
            LogInError::Denied(denial) => Self::LogInDenied {
                message: denial.message,
            },
            LogInError::Undecided => Self::LogInUndecided,
            LogInError::TooManySessions { most } => Self::TooManyDevices {
                maximum: most.try_into().unwrap_or(u32::MAX),
            },
            LogInError::Overloaded(error) => error.into(),
            LogInError::Store(error) => error.into(),
        }
    }
}

impl From<RevokeError> for ApiError {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::LoggedOut => Self::LoggedOut,
            RevokeError::NotFound => Self::NotFound,
            RevokeError::Store(error) => error.into(),
        }
    }
}

impl From<AcknowledgeError> for ApiError {
    fn from(error: AcknowledgeError) -> Self {
        match error {
            AcknowledgeError::LoggedOut => Self::LoggedOut,
            // No page has the button on a new device.
            AcknowledgeError::NotFound | AcknowledgeError::OnNewDevice => Self::NotFound,
            AcknowledgeError::Store(error) => error.into(),
        }
    }
}

impl From<NameDeviceError> for ApiError {
    fn from(error: NameDeviceError) -> Self {
        match error {
            NameDeviceError::LoggedOut => Self::LoggedOut,
            NameDeviceError::NotFound => Self::NotFound,
            NameDeviceError::Store(error) => error.into(),
        }
    }
}

impl From<DeviceNameTooLong> for ApiError {
    fn from(_: DeviceNameTooLong) -> Self {
        Self::DeviceNameTooLong {
            maximum: number(MOST_CHARACTERS),
        }
    }
}

impl From<ChangeProfileError> for ApiError {
    fn from(error: ChangeProfileError) -> Self {
        match error {
            ChangeProfileError::LoggedOut => Self::LoggedOut,
            ChangeProfileError::UnknownCompany => Self::UnknownPreference(PreferenceField::Company),
            ChangeProfileError::Store(error) => error.into(),
        }
    }
}

impl From<InvalidName> for ApiError {
    fn from(invalid: InvalidName) -> Self {
        Self::Name(match invalid {
            InvalidName::Empty => NameProblem::Empty,
            InvalidName::TooLong => NameProblem::TooLong {
                maximum: number(MOST_NAME_CHARACTERS),
            },
            InvalidName::ControlCharacter => NameProblem::ControlCharacter,
        })
    }
}

impl From<InvalidLogin> for ApiError {
    fn from(_unfit: InvalidLogin) -> Self {
        Self::Login(LoginProblem::Unfit)
    }
}

impl From<AddUserError> for ApiError {
    fn from(error: AddUserError) -> Self {
        let error = match error {
            AddUserError::NoAccess => return Self::NoAccess,
            AddUserError::LoggedOut => return Self::LoggedOut,
            AddUserError::Create(error) => error,
        };
        match error {
            CreateUserError::Login(invalid) => invalid.into(),
            CreateUserError::LoginTaken => Self::Login(LoginProblem::Taken),
            CreateUserError::LooksLike(_) => Self::Login(LoginProblem::LooksLikeAnother),
            CreateUserError::Overloaded(error) => error.into(),
            CreateUserError::Store(error) => error.into(),
            // A one-time password is made, the company is the session's, and no database is created.
            error @ (CreateUserError::Password(_)
            | CreateUserError::Companies(_)
            | CreateUserError::Database(_)) => internal(&error),
        }
    }
}

impl From<InvalidGroupName> for ApiError {
    fn from(_unfit: InvalidGroupName) -> Self {
        Self::Group(GroupProblem::UnfitName)
    }
}

impl From<InvalidGroupAbout> for ApiError {
    fn from(invalid: InvalidGroupAbout) -> Self {
        Self::Group(match invalid {
            InvalidGroupAbout::TooLong => GroupProblem::AboutTooLong {
                maximum: number(MOST_ABOUT_CHARACTERS),
            },
            InvalidGroupAbout::ControlCharacter => GroupProblem::AboutControlCharacter,
        })
    }
}

impl From<ChangeGroupsError> for ApiError {
    fn from(error: ChangeGroupsError) -> Self {
        match error {
            ChangeGroupsError::Taken => Self::Group(GroupProblem::Taken),
            ChangeGroupsError::BuiltIn => Self::Group(GroupProblem::BuiltIn),
            ChangeGroupsError::Circle => Self::Group(GroupProblem::Circle),
            ChangeGroupsError::HasRules => Self::Group(GroupProblem::HasRules),
            // No page offers such a right.
            ChangeGroupsError::NoSuchRight => Self::Malformed,
            ChangeGroupsError::UserAndPortal => Self::User(UserProblem::UserAndPortal),
            ChangeGroupsError::LastAdministrator => Self::User(UserProblem::LastAdministrator),
            ChangeGroupsError::Gone | ChangeGroupsError::UserGone => Self::NotFound,
            ChangeGroupsError::Store(error) => error.into(),
        }
    }
}

impl From<ChangeRulesError> for ApiError {
    fn from(error: ChangeRulesError) -> Self {
        match error {
            ChangeRulesError::Taken => Self::Rule(RuleProblem::Taken),
            ChangeRulesError::Unknown | ChangeRulesError::GroupGone => Self::NotFound,
            ChangeRulesError::Store(error) => error.into(),
        }
    }
}

impl From<SetPolicyError> for ApiError {
    fn from(error: SetPolicyError) -> Self {
        match error {
            SetPolicyError::NotStricter(setting, configured) => {
                Self::Policy(PolicyProblem::NotStricter {
                    setting,
                    configured,
                })
            }
            SetPolicyError::TooSmall(setting, least) => {
                Self::Policy(PolicyProblem::TooSmall { setting, least })
            }
            SetPolicyError::TooLarge(setting, most) => {
                Self::Policy(PolicyProblem::TooLarge { setting, most })
            }
            SetPolicyError::Gone => Self::NotFound,
            SetPolicyError::Store(error) => error.into(),
        }
    }
}

impl From<AdministerError> for ApiError {
    fn from(error: AdministerError) -> Self {
        match error {
            AdministerError::NotFound => Self::NotFound,
            AdministerError::LoggedOut => Self::LoggedOut,
            AdministerError::Groups(error) => error.into(),
            AdministerError::Rules(error) => error.into(),
            AdministerError::Policy(error) => error.into(),
            AdministerError::NoAccess => Self::NoAccess,
            AdministerError::LastAdministrator => Self::User(UserProblem::LastAdministrator),
            AdministerError::OtherLogin => Self::User(UserProblem::OtherLogin),
            AdministerError::OtherName => Self::Group(GroupProblem::OtherName),
            AdministerError::Password(SetPasswordError::Overloaded(error)) => error.into(),
            AdministerError::Companies(SetCompaniesError::NoneInUse) => {
                Self::Company(CompanyProblem::NoneChosen)
            }
            AdministerError::Companies(SetCompaniesError::TooMany) => {
                Self::User(UserProblem::TooManyCompanies {
                    maximum: number(MOST_COMPANIES_OF_USER),
                })
            }
            AdministerError::Rename(RenameUserError::LoginTaken) => {
                Self::Login(LoginProblem::Taken)
            }
            AdministerError::Rename(RenameUserError::LooksLike(_)) => {
                Self::Login(LoginProblem::LooksLikeAnother)
            }
            AdministerError::Companies(SetCompaniesError::Store(error))
            | AdministerError::Rename(RenameUserError::Store(error))
            | AdministerError::Password(SetPasswordError::Store(error))
            | AdministerError::Store(error) => error.into(),
            // The one-time password is made.
            error @ AdministerError::Password(SetPasswordError::Password(_)) => internal(&error),
        }
    }
}

impl From<ConfirmationRequired> for ApiError {
    fn from(_: ConfirmationRequired) -> Self {
        Self::ConfirmationRequired
    }
}

impl From<ConfirmError> for ApiError {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::WrongPassword => Self::WrongPassword,
            ConfirmError::LoggedOut => Self::LoggedOut,
            ConfirmError::Throttled(error) => Self::TooManyAttempts {
                retry_after_seconds: error.retry_after_seconds,
                is_code_refused: false,
            },
            ConfirmError::Overloaded(error) => error.into(),
            ConfirmError::Store(error) => error.into(),
        }
    }
}

impl From<ChangePasswordError> for ApiError {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::WrongPassword => Self::WrongPassword,
            ChangePasswordError::Throttled(error) => Self::TooManyAttempts {
                retry_after_seconds: error.retry_after_seconds,
                is_code_refused: false,
            },
            ChangePasswordError::LoggedOut => Self::LoggedOut,
            ChangePasswordError::NotOneTime => Self::NotFound,
            ChangePasswordError::ConfirmationRequired(error) => error.into(),
            ChangePasswordError::Set(SetPasswordError::Password(invalid)) => {
                Self::NewPassword(invalid.into())
            }
            ChangePasswordError::Set(SetPasswordError::Overloaded(error)) => error.into(),
            ChangePasswordError::Set(SetPasswordError::Store(error)) => error.into(),
        }
    }
}

impl From<InvalidPassword> for PasswordProblem {
    fn from(invalid: InvalidPassword) -> Self {
        match invalid {
            InvalidPassword::TooShort { minimum } => Self::TooShort {
                minimum: number(minimum),
            },
            InvalidPassword::TooLong => Self::TooLong {
                maximum: number(MAXIMUM_BYTES),
            },
            InvalidPassword::TooCommon => Self::TooCommon,
            InvalidPassword::ContainsOwn(word) => Self::ContainsOwn(word),
            InvalidPassword::Unchanged => Self::Unchanged,
        }
    }
}

fn number(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use http::header::RETRY_AFTER;
    use leptos::prelude::{Owner, provide_context};
    use leptos_axum::ResponseOptions;

    use super::*;
    use crate::page;

    /// Each error once.
    fn every() -> Vec<ApiError> {
        let retry_after_seconds = 7;
        vec![
            ApiError::LoggedOut,
            ApiError::NewPasswordRequired,
            ApiError::CrossSite,
            ApiError::AnotherOwner,
            ApiError::WrongCredentials {
                wait: Some(Wait::AfterNextFailure(30)),
            },
            ApiError::WrongCredentialsOrDatabase,
            ApiError::TooManyAttempts {
                retry_after_seconds,
                is_code_refused: false,
            },
            ApiError::LogInDenied {
                message: String::new(),
            },
            ApiError::LogInUndecided,
            ApiError::TooManyDevices { maximum: 3 },
            ApiError::UnknownDatabase,
            ApiError::ConfirmationRequired,
            ApiError::WrongPassword,
            ApiError::NewPassword(PasswordProblem::TooCommon),
            ApiError::DeviceNameTooLong { maximum: 64 },
            ApiError::Name(NameProblem::Empty),
            ApiError::Login(LoginProblem::Taken),
            ApiError::User(UserProblem::LastAdministrator),
            ApiError::Group(GroupProblem::Circle),
            ApiError::Rule(RuleProblem::Taken),
            ApiError::Policy(PolicyProblem::NoNumber),
            ApiError::UnknownPreference(PreferenceField::Theme),
            ApiError::NotFound,
            ApiError::Malformed,
            ApiError::Busy {
                retry_after_seconds,
            },
            ApiError::Unavailable,
            ApiError::Internal {
                reference: String::new(),
            },
            ApiError::Unreachable,
            ApiError::NoCookie,
            ApiError::ForeignAnswer,
        ]
    }

    #[test]
    fn what_turns_away_for_a_while_says_for_how_long() {
        for error in every() {
            let passes = [429, 503].contains(&error.status().as_u16());
            assert_eq!(error.retry_after_seconds().is_some(), passes, "{error:?}");
            assert_ne!(error.retry_after_seconds(), Some(0), "{error:?}");
        }
    }

    #[test]
    fn a_page_that_says_an_error_answers_like_a_server_function() {
        for error in every() {
            let answer = ResponseOptions::default();
            Owner::new().with(|| {
                provide_context(answer.clone());
                page::set_status_of(&error);
            });
            let answer = answer.0.read().unwrap();
            assert_eq!(answer.status, Some(error.status()), "{error:?}");
            let seconds = answer.headers.get(RETRY_AFTER);
            let seconds = seconds.map(|seconds| seconds.to_str().unwrap().parse().unwrap());
            assert_eq!(seconds, error.retry_after_seconds(), "{error:?}");
        }
    }
}
