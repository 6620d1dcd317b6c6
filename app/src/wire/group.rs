//! Groups, as people with the right to read groups see them.

use latchkey_words::{GroupId, Scope, Verb};
use serde::{Deserialize, Serialize};

use super::user::{GroupChoice, GroupTitle};

/// A group of the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedGroup {
    /// The group's id.
    pub id: GroupId,
    /// The group's names.
    pub title: GroupTitle,
    /// What the group is for, as an administrator has written it; perhaps empty.
    pub about: String,
    /// The groups that the group implies.
    pub implies: Vec<GroupTitle>,
    /// Number of users in the group, also through a group that implies it.
    pub users: u32,
}

/// A group with its rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupDetails {
    /// The group.
    pub group: ListedGroup,
    /// What the group itself may do, by resource.
    pub rights: Vec<Right>,
    /// Rights of the group that only commands give and take.
    pub further: Vec<Right>,
    /// The other groups. A given one is implied by the group.
    pub others: Vec<GroupChoice>,
    /// Whether the product relies on the group.
    pub is_built_in: bool,
    /// What the person may do with the group.
    pub may: GroupActs,
}

/// What a person may do with a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupActs {
    /// Whether the person may set the rights. Those of `administrator` stay.
    pub set_rights: bool,
    /// Whether the person may set what the group implies, and its name and description. A built-in group keeps these.
    pub write: bool,
    /// Whether the person may delete the group. A built-in group stays.
    pub delete: bool,
}

/// What a group may do with the rows of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Right {
    /// The name of the resource.
    pub resource: String,
    /// The verbs that make sense for the resource, and whether the group has them.
    pub verbs: Vec<(Verb, bool)>,
}

/// The reason why a group is not made, changed or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupProblem {
    /// The technical name has other characters than small letters, digits, `_` and `.`, or is too long.
    UnfitName,
    /// Another group has the technical name.
    Taken,
    /// What the group is for has too many characters.
    AboutTooLong {
        /// The maximum, in characters.
        maximum: u32,
    },
    /// What the group is for has control characters.
    AboutControlCharacter,
    /// The product relies on the group.
    BuiltIn,
    /// Rules or policies are for the users of the group.
    HasRules,
    /// The group would imply itself, perhaps through others.
    Circle,
    /// The technical name that the person has typed to confirm is not the group's.
    OtherName,
}

/// The record rules, and what the form for a new one offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleList {
    /// The rules, by name.
    pub rules: Vec<ListedRule>,
    /// The groups whose users a rule can be for.
    pub groups: Vec<(GroupId, GroupTitle)>,
}

/// A record rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedRule {
    /// The name.
    pub name: String,
    /// The name of the resource.
    pub resource: String,
    /// The group whose users the rule is for; `None` for all users.
    pub group: Option<GroupTitle>,
    /// The verbs that the rule is for.
    pub verbs: Vec<Verb>,
    /// The rows that the rule lets through.
    pub scope: Scope,
}

/// The reason why a record rule is not added or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleProblem {
    /// Another rule has the name.
    Taken,
    /// No verb is chosen.
    NoVerb,
}
