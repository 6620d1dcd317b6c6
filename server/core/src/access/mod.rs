//! Groups of users, the rights that the groups give, and the policies for their users.
//!
//! A user is in groups, and in all groups that those imply. The rights of a user are the rights of all these groups
//! together. Each request learns the groups of its user, and the version of all groups and rights, from the statement that
//! authenticates. A node reads groups and rights again when the version has risen, so that a change holds at the next request
//! on every node.

use std::collections::BTreeSet;

mod catalog;
mod policy;
mod rights;
mod rules;
pub(crate) mod store;

pub(crate) use catalog::{
    Catalog, all_titles, catalog_in, catalog_of, count, rights_in, rights_of, rules_for, titles,
};
pub use latchkey_words::{
    GroupId, PolicySetting, Resource, Scope, Verb, Verbs,
    access::{ADMINISTRATOR, PORTAL, USER},
};
pub use policy::{Policy, PolicyLevel};
pub use rights::Rights;
pub(crate) use rules::Facts;
pub use rules::{Rows, Rule};

/// The names of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupTitle {
    /// The technical name.
    pub name: String,
    /// The name for people.
    pub title: String,
}

impl From<&Group> for GroupTitle {
    fn from(group: &Group) -> Self {
        Self {
            name: group.name.clone(),
            title: group.title.clone(),
        }
    }
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The id.
    pub id: GroupId,
    /// The technical name, unique in the database.
    pub name: String,
    /// The name for people.
    pub title: String,
    /// What the group is for.
    pub about: String,
    /// Whether the product relies on the group, so that it is neither renamed nor deleted.
    pub is_built_in: bool,
    /// The groups that the group itself implies.
    pub implies: Vec<GroupId>,
    /// The rights that the group itself gives.
    pub rights: Vec<(String, Verbs)>,
}

impl Group {
    /// What the group itself may do with the rows of a resource.
    pub fn verbs(&self, resource: Resource) -> Verbs {
        let mut rights = self.rights.iter();
        let right = rights.find(|(name, _)| name == resource.as_str());
        right.map(|(_, verbs)| *verbs).unwrap_or_default()
    }
}

/// The group, and all groups that imply it, perhaps through others.
pub(crate) fn leading_to(group: GroupId, known: &[Group]) -> Vec<GroupId> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![group];
    while let Some(next) = waiting.pop() {
        if found.insert(next) {
            let implying = known.iter().filter(|other| other.implies.contains(&next));
            waiting.extend(implying.map(|other| other.id));
        }
    }
    found.into_iter().collect()
}
