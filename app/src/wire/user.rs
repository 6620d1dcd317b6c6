//! Users, as people with the right to read users see them.

use serde::{Deserialize, Serialize};

use super::Moment;

/// A page of users, by login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserList {
    /// The users.
    pub users: Vec<ListedUser>,
    /// The cursor of the next page, for `after`; `None` on the last page.
    pub next: Option<String>,
}

/// A user of the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedUser {
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
