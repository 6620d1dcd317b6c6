//! Groups and record rules: administrators make them, say what groups may do, and who is in which group.

use std::{collections::HashMap, sync::Arc, time::Duration};

use uuid::Uuid;

use super::shorten::follow;
use crate::{
    DisplayedName, StoreError,
    access::{self, Group, GroupId, GroupTitle, Resource, Rule, Scope, Verbs, store::NewGroup},
    clock::Clock,
    company,
    database::{Database, SystemTx},
    displayed_name,
    random::Random,
    session::Caller,
    user::{self, User},
};

/// The largest number of characters of what a group is for.
pub const MOST_ABOUT_CHARACTERS: usize = 500;

/// What a group is for: a text of at most [`MOST_ABOUT_CHARACTERS`] characters without control characters, perhaps empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupAbout(String);

/// The reason why a text does not say what a group is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGroupAbout {
    /// The text has more than [`MOST_ABOUT_CHARACTERS`] characters.
    #[error("what a group is for has at most {MOST_ABOUT_CHARACTERS} characters")]
    TooLong,
    /// The text has a character that steers a terminal or the direction of text.
    #[error("what a group is for must not have control characters")]
    ControlCharacter,
}

impl std::str::FromStr for GroupAbout {
    type Err = InvalidGroupAbout;

    fn from_str(text: &str) -> Result<Self, InvalidGroupAbout> {
        if text.contains(displayed_name::steers) {
            return Err(InvalidGroupAbout::ControlCharacter);
        }
        if text.chars().count() > MOST_ABOUT_CHARACTERS {
            return Err(InvalidGroupAbout::TooLong);
        }
        Ok(Self(text.to_owned()))
    }
}

/// The service of the groups of databases.
pub struct Groups {
    pub(super) clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// The technical name of a group: a small letter, then small letters, digits, `_` and `.`, 63 characters at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupName(String);

/// The error for a text that is no technical name of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a group's name is a small letter and then small letters, digits, '_' and '.', 63 at most")]
pub struct InvalidGroupName;

impl GroupName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for GroupName {
    type Err = InvalidGroupName;

    fn from_str(text: &str) -> Result<Self, InvalidGroupName> {
        let is_further = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'.'
        };
        let mut bytes = text.bytes();
        let is_name = bytes.next().is_some_and(|first| first.is_ascii_lowercase())
            && bytes.all(is_further)
            && text.len() <= 63;
        if is_name {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidGroupName)
        }
    }
}

/// A record rule to add.
#[derive(Clone, Debug)]
pub struct NewRule {
    /// The name, unique in the database.
    pub name: DisplayedName,
    /// The resource whose rows the rule is about.
    pub resource: Resource,
    /// The group whose users the rule is for; `None` for all users.
    pub group: Option<GroupId>,
    /// The verbs that the rule is for, one at least.
    pub verbs: Verbs,
    /// The rows that the rule lets through.
    pub scope: Scope,
}

/// The reason why record rules were not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeRulesError {
    /// Another rule has the name.
    #[error("another rule has this name")]
    Taken,
    /// There is no rule of this name.
    #[error("there is no rule of this name")]
    Unknown,
    /// The group whose users the rule is for was deleted meanwhile.
    #[error("the group was deleted meanwhile")]
    GroupGone,
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The reason why groups were not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeGroupsError {
    /// Another group has the name.
    #[error("another group has this name")]
    Taken,
    /// The product relies on the group, or on what the group implies.
    #[error("the group is built in")]
    BuiltIn,
    /// The group was deleted meanwhile.
    #[error("the group was deleted meanwhile")]
    Gone,
    /// The user was deleted meanwhile.
    #[error("the user was deleted meanwhile")]
    UserGone,
    /// A group would imply itself, perhaps through others.
    #[error("the group would imply itself")]
    Circle,
    /// Rules or policies are for the users of the group. Without them the users would reach more rows, or stay logged in for longer.
    #[error("the group has rules or policies, which must be deleted first")]
    HasRules,
    /// The resource does not have the verb: the audit log, for example, is only read.
    #[error("there is no such right")]
    NoSuchRight,
    /// A user would be both a user and a guest of the portal.
    #[error("a user would be in the groups 'user' and 'portal' at once")]
    UserAndPortal,
    /// No administrator who can log in would be left.
    #[error("no administrator who can log in would be left")]
    LastAdministrator,
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Groups {
    pub(crate) fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random }
    }

    /// All groups of a database, the built-in ones first.
    pub async fn list(&self, database: &Database) -> Result<Vec<Group>, StoreError> {
        access::store::list(database).await
    }

    /// The names of the groups that the caller is in, also because another group implies them. The node has read them for the
    /// rights of the caller.
    pub async fn own_titles(&self, caller: &Caller) -> HashMap<GroupId, GroupTitle> {
        access::titles(&caller.database, caller.rights.groups()).await
    }

    /// The names of all groups, as the node has read them for the rights of the caller.
    pub async fn all_titles(&self, caller: &Caller) -> Vec<GroupTitle> {
        access::all_titles(&caller.database).await
    }

    /// The record rules that hold for the caller: those for all users, and those of the caller's groups.
    pub async fn own_rules(&self, caller: &Caller) -> Vec<Rule> {
        access::rules_for(&caller.database, &caller.rights).await
    }

    /// Creates a group that implies nothing and may do nothing.
    pub async fn create(
        &self,
        database: &Database,
        name: &GroupName,
        title: &DisplayedName,
        about: &GroupAbout,
    ) -> Result<GroupId, ChangeGroupsError> {
        let mut tx = change(database).await?;
        let id = self.create_in(&mut tx, name, title, about).await?;
        tx.commit().await?;
        Ok(id)
    }

    pub(super) async fn create_in(
        &self,
        tx: &mut SystemTx,
        name: &GroupName,
        title: &DisplayedName,
        about: &GroupAbout,
    ) -> Result<GroupId, ChangeGroupsError> {
        let now = self.clock.now();
        let id = GroupId::new(self.random.id(now));
        let new = NewGroup {
            id,
            name: &name.0,
            title: title.as_str(),
            about: &about.0,
            now,
        };
        if access::store::insert(tx, &new).await? {
            Ok(id)
        } else {
            Err(ChangeGroupsError::Taken)
        }
    }

    /// Gives a group another name for people, and another text of what the group is for. A built-in group keeps both.
    pub async fn describe(
        &self,
        database: &Database,
        id: GroupId,
        title: &DisplayedName,
        about: &GroupAbout,
    ) -> Result<(), ChangeGroupsError> {
        let mut tx = change(database).await?;
        describe_in(&mut tx, id, title, about).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes a group. Its users lose its rights at their next request.
    pub async fn delete(&self, database: &Database, id: GroupId) -> Result<(), ChangeGroupsError> {
        let (mut tx, _) = change_all_at(database).await?;
        delete_in(&mut tx, id).await?;
        Ok(tx.commit().await?)
    }

    /// Sets the groups that a group implies.
    pub async fn set_implied(
        &self,
        database: &Database,
        id: GroupId,
        implied: &[GroupId],
    ) -> Result<(), ChangeGroupsError> {
        let (mut tx, _) = change_all_at(database).await?;
        set_implied_in(&mut tx, id, implied).await?;
        tx.commit().await?;
        follow(database, &self.clock, None, Duration::MAX).await;
        Ok(())
    }

    /// Sets what a group may do with the rows of a resource.
    pub async fn set_right(
        &self,
        database: &Database,
        id: GroupId,
        resource: Resource,
        verbs: Verbs,
    ) -> Result<(), ChangeGroupsError> {
        self.set_rights(database, id, &[(resource, verbs)]).await
    }

    /// Sets what a group may do with the rows of these resources. The group `administrator` keeps all rights.
    pub async fn set_rights(
        &self,
        database: &Database,
        id: GroupId,
        rights: &[(Resource, Verbs)],
    ) -> Result<(), ChangeGroupsError> {
        let mut tx = change(database).await?;
        set_rights_in(&mut tx, id, rights).await?;
        Ok(tx.commit().await?)
    }

    /// Number of users in each of all groups: those whom an administrator has put into the group, or into a group that implies it. A group
    /// without users is absent.
    pub async fn count_users(
        &self,
        database: &Database,
        groups: &[Group],
    ) -> Result<HashMap<GroupId, u32>, StoreError> {
        let leading = groups.iter().flat_map(|group| {
            let leading = access::leading_to(group.id, groups).into_iter();
            leading.map(|from| (group.id, from))
        });
        let leading: Vec<_> = leading.collect();
        access::store::count_users(database, &leading).await
    }

    /// All record rules of a database, by name.
    pub async fn list_rules(&self, database: &Database) -> Result<Vec<Rule>, StoreError> {
        access::store::list_rules(database).await
    }

    /// Adds a record rule. The rule holds at the next request of each user whom it is for.
    pub async fn add_rule(
        &self,
        database: &Database,
        new: NewRule,
    ) -> Result<(), ChangeRulesError> {
        let mut tx = change(database).await?;
        self.add_rule_in(&mut tx, new).await?;
        Ok(tx.commit().await?)
    }

    pub(super) async fn add_rule_in(
        &self,
        tx: &mut SystemTx,
        new: NewRule,
    ) -> Result<(), ChangeRulesError> {
        let id = self.random.id(self.clock.now());
        let rule = Rule {
            name: new.name.as_str().to_owned(),
            resource: new.resource.as_str().to_owned(),
            group: new.group,
            verbs: new.verbs,
            scope: new.scope,
        };
        let inserted = access::store::insert_rule(tx, id, &rule).await;
        if inserted.map_err(rule_refusal)? {
            Ok(())
        } else {
            Err(ChangeRulesError::Taken)
        }
    }

    /// Deletes the record rule of this name.
    pub async fn delete_rule(
        &self,
        database: &Database,
        name: &str,
    ) -> Result<(), ChangeRulesError> {
        let mut tx = change(database).await?;
        delete_rule_in(&mut tx, name).await?;
        Ok(tx.commit().await?)
    }

    /// The groups that a user is put into.
    pub async fn list_of_user(
        &self,
        database: &Database,
        user: &User,
    ) -> Result<Vec<GroupId>, StoreError> {
        access::store::list_of_user(database, user.id).await
    }

    /// Sets the groups that a user is put into. The change holds at the user's next request.
    pub async fn set_of_user(
        &self,
        database: &Database,
        user: &User,
        groups: &[GroupId],
    ) -> Result<(), ChangeGroupsError> {
        let mut tx = change(database).await?;
        put_into(&mut tx, user, groups).await?;
        tx.commit().await?;
        follow(database, &self.clock, Some(user.id), Duration::MAX).await;
        Ok(())
    }
}

pub(super) async fn describe_in(
    tx: &mut SystemTx,
    id: GroupId,
    title: &DisplayedName,
    about: &GroupAbout,
) -> Result<(), ChangeGroupsError> {
    let groups = access::store::read_in(tx).await?.groups;
    let group = groups.into_iter().find(|group| group.id == id);
    if group.is_some_and(|group| group.is_built_in) {
        return Err(ChangeGroupsError::BuiltIn);
    }
    if access::store::describe(tx, id, title.as_str(), &about.0).await? {
        Ok(())
    } else {
        Err(ChangeGroupsError::Gone)
    }
}

/// Deletes a group without rules and policies. The rules of a group narrow what its users may do, so that they end first.
pub(super) async fn delete_in(tx: &mut SystemTx, id: GroupId) -> Result<(), ChangeGroupsError> {
    if access::store::has_rules_or_policies(tx, id).await? {
        return Err(ChangeGroupsError::HasRules);
    }
    let had = user::store::has_administrator(tx, None).await?;
    if !access::store::delete(tx, id).await.map_err(refusal)? {
        return Err(ChangeGroupsError::Gone);
    }
    keep_an_administrator(tx, had).await
}

pub(super) async fn set_implied_in(
    tx: &mut SystemTx,
    id: GroupId,
    implied: &[GroupId],
) -> Result<(), ChangeGroupsError> {
    let had = user::store::has_administrator(tx, None).await?;
    access::store::set_implied(tx, id, implied)
        .await
        .map_err(refusal)?;
    keep_an_administrator(tx, had).await
}

pub(super) async fn set_rights_in(
    tx: &mut SystemTx,
    id: GroupId,
    rights: &[(Resource, Verbs)],
) -> Result<(), ChangeGroupsError> {
    if access::store::is_administrator(tx, id).await? {
        return Err(ChangeGroupsError::BuiltIn);
    }
    for (resource, verbs) in rights {
        if verbs.iter().any(|verb| !resource.verbs().contains(&verb)) {
            return Err(ChangeGroupsError::NoSuchRight);
        }
        access::store::set_right(tx, id, resource.as_str(), *verbs)
            .await
            .map_err(refusal)?;
    }
    Ok(())
}

pub(super) async fn delete_rule_in(tx: &mut SystemTx, name: &str) -> Result<(), ChangeRulesError> {
    // PostgreSQL takes no text with this character, so that no rule has such a name.
    if !name.contains('\0') && access::store::delete_rule(tx, name).await? {
        Ok(())
    } else {
        Err(ChangeRulesError::Unknown)
    }
}

/// Puts a user into these groups, and into no other.
pub(super) async fn put_into(
    tx: &mut SystemTx,
    user: &User,
    groups: &[GroupId],
) -> Result<(), ChangeGroupsError> {
    user::store::lock(tx, user.id).await?;
    access::store::set_of_user(tx, user.id, groups)
        .await
        .map_err(refusal)
}

/// Refuses if the change leaves no administrator who can log in, although there was one.
async fn keep_an_administrator(tx: &mut SystemTx, had: bool) -> Result<(), ChangeGroupsError> {
    if had && !user::store::has_administrator(tx, None).await? {
        return Err(ChangeGroupsError::LastAdministrator);
    }
    Ok(())
}

/// A transaction that alone changes groups, or who is in which.
async fn change(database: &Database) -> Result<SystemTx, StoreError> {
    Ok(change_at(database).await?.0)
}

/// The same, and the version of groups, rights and rules.
pub(super) async fn change_at(database: &Database) -> Result<(SystemTx, Uuid), StoreError> {
    lock(database.system().await?).await
}

/// The same for a change that concerns any number of users.
pub(super) async fn change_all_at(database: &Database) -> Result<(SystemTx, Uuid), StoreError> {
    lock(database.system_work().await?).await
}

/// Changes of companies wait, too: both change many users, whose rows two transactions could otherwise lock in different
/// orders.
async fn lock(mut tx: SystemTx) -> Result<(SystemTx, Uuid), StoreError> {
    company::store::lock(&mut tx).await?;
    let version = access::store::lock(&mut tx).await?;
    Ok((tx, version))
}

/// What a constraint of the tables refuses.
fn refusal(error: sqlx::Error) -> ChangeGroupsError {
    let constraint = error
        .as_database_error()
        .and_then(|error| error.constraint());
    match constraint {
        Some("group_implies_no_circle") => ChangeGroupsError::Circle,
        Some("users_user_or_portal") => ChangeGroupsError::UserAndPortal,
        Some("groups_built_in") => ChangeGroupsError::BuiltIn,
        Some("user_groups_user_id_fkey") => ChangeGroupsError::UserGone,
        Some(
            "user_groups_group_id_fkey"
            | "access_rights_group_id_fkey"
            | "group_implies_group_id_fkey"
            | "group_implies_implied_id_fkey",
        ) => ChangeGroupsError::Gone,
        _ => ChangeGroupsError::Store(error.into()),
    }
}

/// What a constraint of the table of rules refuses.
fn rule_refusal(error: sqlx::Error) -> ChangeRulesError {
    let constraint = error
        .as_database_error()
        .and_then(|error| error.constraint());
    match constraint {
        Some("record_rules_group_id_fkey") => ChangeRulesError::GroupGone,
        _ => ChangeRulesError::Store(error.into()),
    }
}
