//! Users, as people with the right to read users see them.

use latchkey_words::{CompanyId, GroupId, UserId};
use serde::{Deserialize, Serialize};

use super::Moment;

/// A page of users, by login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserList {
    /// The users.
    pub users: Vec<ListedUser>,
    /// The cursor of the next page, for `after`; `None` on the last page.
    pub next: Option<String>,
    /// The group whose users these are, if the list has only those.
    pub group: Option<GroupTitle>,
}

/// A user of the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedUser {
    /// The user's id.
    pub id: UserId,
    /// The user's name for people.
    pub name: String,
    /// The login.
    pub login: String,
    /// Whether this is the person who looks.
    pub is_own: bool,
    /// Whether the user cannot log in.
    pub is_disabled: bool,
    /// The groups that the user is put into.
    pub groups: Vec<GroupTitle>,
    /// The names of the companies that the user may work for, the default one first; empty where the database has one
    /// company.
    pub companies: Vec<String>,
    /// The time of the user's creation.
    pub created_at: Moment,
}

/// The name of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupTitle {
    /// The technical name.
    pub name: String,
    /// The name for people, as an administrator has given it.
    pub title: String,
}

/// The reason why a login is refused for a new user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoginProblem {
    /// The text is empty, too long, or has spaces or invisible characters.
    Unfit,
    /// Another user has the login, perhaps in another spelling.
    Taken,
    /// The login looks like another user's. The answer does not say whose.
    LooksLikeAnother,
}

/// A user with what the person who looks may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDetails {
    /// The user.
    pub user: ListedUser,
    /// Whether the person may change the user.
    pub may_write: bool,
    /// Whether the person may delete the user.
    pub may_delete: bool,
    /// The groups that the person may put the user into.
    pub groups: Vec<GroupChoice>,
    /// The companies that the person may let the user work for; empty where the person sees one company at most.
    pub companies: Vec<CompanyOfUser>,
}

/// A company that a user may work for, or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyOfUser {
    /// The company's id.
    pub id: CompanyId,
    /// The company's name.
    pub name: String,
    /// Whether the user may work for the company.
    pub is_given: bool,
}

/// A group that a user can be put into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupChoice {
    /// The group's id.
    pub id: GroupId,
    /// The group's name.
    pub title: GroupTitle,
    /// What the group is for, as an administrator has written it; perhaps empty.
    pub about: String,
    /// The groups that the group implies.
    pub implies: Vec<GroupTitle>,
    /// Whether the user is put into the group.
    pub is_given: bool,
}

/// What an administrator does about a user's log-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserAct {
    /// Ends all sessions of the user.
    LogOut,
    /// Gives the user a one-time password. All sessions of the user end.
    GiveOneTimePassword,
    /// Gives the user a code with which the user can log in while wrong guesses delay log-ins.
    MakeLogInCode,
    /// Keeps the user from logging in. All sessions of the user end.
    Disable,
    /// Lets the user log in again.
    Enable,
}

impl UserAct {
    /// The word of a form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LogOut => "log_out",
            Self::GiveOneTimePassword => "give_one_time_password",
            Self::MakeLogInCode => "make_log_in_code",
            Self::Disable => "disable",
            Self::Enable => "enable",
        }
    }
}

/// What has become of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserActed {
    /// The number of sessions that ended.
    pub ended_sessions: u32,
    /// The new one-time password, if the act gives one.
    pub one_time_password: Option<String>,
    /// The new log-in code, if the act makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_in_code: Option<String>,
}

/// The reason why a user is not changed or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserProblem {
    /// No administrator who can log in would be left.
    LastAdministrator,
    /// The user would be in the groups `user` and `portal` at once.
    UserAndPortal,
    /// The login that the person has typed to confirm is not the user's.
    OtherLogin,
    /// The user would work for too many companies.
    TooManyCompanies {
        /// The maximum.
        maximum: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_has_one_word() {
        for act in [
            UserAct::LogOut,
            UserAct::GiveOneTimePassword,
            UserAct::Disable,
            UserAct::Enable,
        ] {
            assert_eq!(serde_json::to_value(act).unwrap(), act.as_str());
        }
    }
}
