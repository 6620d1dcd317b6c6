//! The groups of the database, for pages.

use std::collections::HashMap;

use latchkey_core::{
    DisplayedName,
    access::{self, ADMINISTRATOR, Group, GroupId, Resource, Verb},
    account::{GroupAbout, GroupName},
    session::Confirmed,
};
use server_fn::ServerFn;

use super::Visitor;
use crate::{
    routes,
    wire::{
        ApiError,
        group::{GroupActs, GroupDetails, ListedGroup, Right},
        user::{GroupChoice, GroupTitle},
    },
};

/// The rights that the page of a group shows and sets: those that pages ask for. The command `latchkey group set-right` sets the others, too.
const OFFERED: [(Resource, &[Verb]); 6] = [
    (Resource::USERS, Verb::ALL),
    (
        Resource::COMPANIES,
        &[Verb::Read, Verb::Write, Verb::Create],
    ),
    (Resource::GROUPS, Verb::ALL),
    (Resource::SETTINGS, &[Verb::Read, Verb::Write]),
    (Resource::AUDIT, &[Verb::Read]),
    (Resource::DEBUG_MODE, &[Verb::Read]),
];

/// The names of groups, by id.
pub(super) type Titles = HashMap<GroupId, access::GroupTitle>;

impl Visitor {
    /// All groups, the built-in ones first.
    pub(crate) async fn groups(&self) -> Result<Vec<ListedGroup>, ApiError> {
        let caller = self.caller_with(Verb::Read, Resource::GROUPS)?;
        let groups = self.core.groups.list(&caller.database).await?;
        let users = self
            .core
            .groups
            .count_users(&caller.database, &groups)
            .await?;
        let titles = titles(&groups);
        let listed = groups.iter().map(|group| listed(group, &titles, &users));
        Ok(listed.collect())
    }

    /// A group with its rights, and what the caller may do.
    pub(crate) async fn group(&self, id: &str) -> Result<GroupDetails, ApiError> {
        let caller = self.caller_with(Verb::Read, Resource::GROUPS)?;
        let id: GroupId = id.parse().map_err(|_no_id| ApiError::NotFound)?;
        let groups = self.core.groups.list(&caller.database).await?;
        let users = self
            .core
            .groups
            .count_users(&caller.database, &groups)
            .await?;
        let titles = titles(&groups);
        let group = groups.iter().find(|group| group.id == id);
        let group = group.ok_or(ApiError::NotFound)?;
        let others = groups.iter().filter(|other| other.id != id);
        let others = others.map(|other| GroupChoice {
            id: other.id,
            title: access::GroupTitle::from(other).into(),
            about: other.about.clone(),
            implies: implied(other, &titles),
            is_given: group.implies.contains(&other.id),
        });
        let may = |verb| !self.lacks(verb, Resource::GROUPS);
        Ok(GroupDetails {
            others: others.collect(),
            rights: OFFERED
                .map(|(resource, verbs)| right(group, resource, verbs))
                .into(),
            further: further(group),
            is_built_in: group.is_built_in,
            may: GroupActs {
                set_rights: may(Verb::Write) && group.name != ADMINISTRATOR,
                write: may(Verb::Write),
                delete: may(Verb::Delete) && !group.is_built_in,
            },
            group: listed(group, &titles, &users),
        })
    }

    /// Adds a group. A form posted without JavaScript leads to the page of the group.
    pub(crate) async fn add_group(
        &self,
        title: &str,
        name: &str,
        about: &str,
        password: String,
    ) -> Result<GroupId, ApiError> {
        self.caller_with(Verb::Create, Resource::GROUPS)?;
        let title: DisplayedName = title.parse()?;
        let name: GroupName = name.trim().parse()?;
        let about: GroupAbout = about.trim().parse()?;
        let confirmed = self.confirmed(Some(password)).await?;
        let groups = &self.core.groups;
        let id = groups.create_as(confirmed, &name, &title, &about).await?;
        self.redirect_form(&routes::group(id));
        Ok(id)
    }

    /// Gives a group `rights` instead of those that were `shown`.
    pub(crate) async fn set_group_rights<S: ServerFn>(
        &self,
        id: GroupId,
        shown: &[String],
        rights: &[String],
        password: String,
    ) -> Result<(), ApiError> {
        let confirmed = self.confirmed_on_group(Verb::Write, password).await?;
        // A page of before may have shown a right that is not offered any more.
        let shown: Vec<_> = shown.iter().filter_map(|typed| parsed(typed)).collect();
        let rights: Option<Vec<_>> = rights.iter().map(|typed| parsed(typed)).collect();
        let rights = rights.ok_or(ApiError::Malformed)?;
        let groups = &self.core.groups;
        groups.set_rights_as(confirmed, id, &shown, &rights).await?;
        self.form_done::<S>(0);
        Ok(())
    }

    /// Makes a group imply `implied` instead of those that were `shown`.
    pub(crate) async fn set_implied_groups<S: ServerFn>(
        &self,
        id: GroupId,
        shown: &[GroupId],
        implied: &[GroupId],
        password: String,
    ) -> Result<(), ApiError> {
        let confirmed = self.confirmed_on_group(Verb::Write, password).await?;
        let groups = &self.core.groups;
        groups.set_implied_as(confirmed, id, shown, implied).await?;
        self.form_done::<S>(0);
        Ok(())
    }

    /// Gives a group another name for people, and another text of what the group is for.
    pub(crate) async fn describe_group<S: ServerFn>(
        &self,
        id: GroupId,
        title: &str,
        about: &str,
        password: String,
    ) -> Result<(), ApiError> {
        self.caller_with(Verb::Write, Resource::GROUPS)?;
        let title: DisplayedName = title.parse()?;
        let about: GroupAbout = about.trim().parse()?;
        let confirmed = self.confirmed(Some(password)).await?;
        let groups = &self.core.groups;
        groups.describe_as(confirmed, id, &title, &about).await?;
        self.form_done::<S>(0);
        Ok(())
    }

    /// Deletes a group. A form posted without JavaScript leads to the list of groups.
    pub(crate) async fn delete_group<S: ServerFn>(
        &self,
        id: GroupId,
        typed: &str,
        password: String,
    ) -> Result<(), ApiError> {
        let confirmed = self.confirmed_on_group(Verb::Delete, password).await?;
        self.core.groups.delete_as(confirmed, id, typed).await?;
        self.form_done::<S>(0);
        self.redirect_form(routes::GROUPS);
        Ok(())
    }

    /// The caller with a right to groups, whose identity was confirmed recently or is confirmed now.
    async fn confirmed_on_group(
        &self,
        verb: Verb,
        password: String,
    ) -> Result<Confirmed<'_>, ApiError> {
        self.caller_with(verb, Resource::GROUPS)?;
        self.confirmed(Some(password)).await
    }
}

pub(super) fn titles(groups: &[Group]) -> Titles {
    let titles = groups.iter().map(|group| (group.id, group.into()));
    titles.collect()
}

fn implied(group: &Group, titles: &Titles) -> Vec<GroupTitle> {
    let implied = group
        .implies
        .iter()
        .filter_map(|id| titles.get(id).cloned());
    implied.map(GroupTitle::from).collect()
}

fn listed(group: &Group, titles: &Titles, users: &HashMap<GroupId, u32>) -> ListedGroup {
    ListedGroup {
        id: group.id,
        title: access::GroupTitle::from(group).into(),
        about: group.about.clone(),
        implies: implied(group, titles),
        users: users.get(&group.id).copied().unwrap_or(0),
    }
}

/// A right of a form, written as a resource and a verb: `users:read`.
fn parsed(typed: &str) -> Option<(Resource, Verb)> {
    let (resource, verb) = typed.split_once(':')?;
    let verb: Verb = verb.parse().ok()?;
    let mut offered = OFFERED.into_iter();
    let offered =
        offered.find(|(known, verbs)| known.as_str() == resource && verbs.contains(&verb));
    offered.map(|(resource, _)| (resource, verb))
}

/// The rights of a group that the page does not offer.
fn further(group: &Group) -> Vec<Right> {
    let rights = group.rights.iter().map(|(resource, verbs)| {
        let offered = OFFERED.iter().find(|(known, _)| known.as_str() == resource);
        let offered = offered.map_or(&[][..], |(_, verbs)| verbs);
        let further = verbs.iter().filter(|verb| !offered.contains(verb));
        Right {
            resource: resource.clone(),
            verbs: further.map(|verb| (verb, true)).collect(),
        }
    });
    rights.filter(|right| !right.verbs.is_empty()).collect()
}

/// What a group may do with a resource, as far as the page offers these verbs.
fn right(group: &Group, resource: Resource, verbs: &[Verb]) -> Right {
    let given = group.verbs(resource);
    Right {
        resource: resource.as_str().to_owned(),
        verbs: verbs.iter().map(|verb| (*verb, given.has(*verb))).collect(),
    }
}
