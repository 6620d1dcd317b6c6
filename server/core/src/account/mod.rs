//! What a person or an administrator does with an account: passwords, log-in codes, activity, the audit log, policies, and the
//! users themselves.
//!
//! This folder stands above users, sessions, attempts and activity, and calls each of them.

mod activity;
mod actor;
mod administration;
mod audit;
mod changes;
mod companies;
mod company_administration;
mod confirmation;
mod explanation;
mod group_administration;
mod groups;
mod log_in_codes;
mod numbers;
mod overview;
mod own_profile;
mod password;
mod policies;
mod policy_administration;
mod policy_rows;
mod shorten;
mod users;

pub use activity::{AccountActivity, ActivityFilter, ActivityPage, MOST_EXPORTED, PAGE};
pub use administration::{AdministerError, ShownUser};
pub use audit::{AuditFilter, AuditLog, AuditPage};
pub use changes::{RenameUserError, SetPasswordError};
pub use companies::{
    ArchiveCompanyError, ChooseCompaniesError, Companies, MOST_COMPANIES_OF_USER, NameCompanyError,
    SetCompaniesError,
};
pub use company_administration::{AdministerCompanyError, SeenCompany};
pub use confirmation::ConfirmError;
pub use explanation::{Explanation, Subject};
pub use groups::{
    ChangeGroupsError, ChangeRulesError, GroupAbout, GroupName, Groups, InvalidGroupAbout,
    InvalidGroupName, MOST_ABOUT_CHARACTERS, NewRule,
};
pub use log_in_codes::LogInCodes;
pub use numbers::{DatabaseNumbers, MOST_COUNTED};
pub use overview::{AccountOverview, FAILURES_COUNT_FOR};
pub use own_profile::ChangeProfileError;
pub use password::{ChangePasswordError, ChangedPassword, OtherSessions, Passwords};
pub use policies::{
    EffectiveSetting, LONGEST_MIN_PASSWORD, Policies, PolicyForecast, PolicyImpact,
    SHORTEST_TIMEOUT, SetPolicyError,
};
pub use users::{
    AddUserError, CreateUserError, NewUser, PasswordOrigin, USERS_ON_PAGE, UserFilter, UserPage,
    Users,
};

use crate::session::SessionId;

fn count(ended: &[SessionId]) -> u32 {
    u32::try_from(ended.len()).unwrap_or(u32::MAX)
}
