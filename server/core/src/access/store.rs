//! SQL on the tables of groups, rights and record rules, and of the users in groups. No other file names the tables.

use std::{collections::HashMap, sync::Arc};

use latchkey_words::{CompanyId, UserId};
use serde::Deserialize;
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Group, GroupId, Policy, PolicyLevel, PolicySetting, Rule, Scope, Verbs};
use crate::{
    StoreError,
    client::TimeZoneName,
    company::{CompanyDefaults, LogoId},
    database::{Database, SystemTx},
};

/// A group to insert.
pub(crate) struct NewGroup<'a> {
    pub id: GroupId,
    pub name: &'a str,
    pub title: &'a str,
    pub about: &'a str,
    pub now: OffsetDateTime,
}

/// A group, as the statement of [`read`] sends it.
#[derive(Debug, Deserialize)]
struct StoredGroup {
    id: Uuid,
    name: String,
    title: String,
    about: String,
    is_built_in: bool,
    implies: Vec<Uuid>,
    rights: Vec<StoredRight>,
}

/// A right, as the statement of [`read`] sends it.
#[derive(Debug, Deserialize)]
struct StoredRight {
    resource: String,
    verbs: Verbs,
}

impl From<StoredGroup> for Group {
    fn from(stored: StoredGroup) -> Self {
        let rights = stored.rights.into_iter();
        Self {
            id: GroupId::new(stored.id),
            name: stored.name,
            title: stored.title,
            about: stored.about,
            is_built_in: stored.is_built_in,
            implies: stored.implies.into_iter().map(GroupId::new).collect(),
            rights: rights.map(|right| (right.resource, right.verbs)).collect(),
        }
    }
}

/// A record rule, as the statement of [`read`] sends it.
#[derive(Debug, Deserialize)]
struct StoredRule {
    name: String,
    resource: String,
    group_id: Option<Uuid>,
    verbs: Verbs,
    scope: Scope,
}

impl From<StoredRule> for Rule {
    fn from(stored: StoredRule) -> Self {
        Self {
            name: stored.name,
            resource: stored.resource,
            group: stored.group_id.map(GroupId::new),
            verbs: stored.verbs,
            scope: stored.scope,
        }
    }
}

/// A policy, as the statement of [`read`] sends it.
#[derive(Debug, Deserialize)]
struct StoredPolicy {
    company_id: Option<Uuid>,
    group_id: Option<Uuid>,
    setting: String,
    value: u32,
}

impl StoredPolicy {
    /// The policy; `None` if a newer version of the server has written it about a setting that this version does not know.
    fn known(self) -> Option<Policy> {
        let company = self.company_id.map(CompanyId::new);
        let group = self.group_id.map(GroupId::new);
        let level = company.map(PolicyLevel::Company);
        let level = level.or(group.map(PolicyLevel::Group));
        Some(Policy {
            level: level.unwrap_or(PolicyLevel::Database),
            setting: self.setting.parse().ok()?,
            value: self.value,
        })
    }
}

/// A company with something that its users have by default.
#[derive(Debug, Deserialize)]
struct StoredCompany {
    id: Uuid,
    language: Option<String>,
    time_zone: Option<String>,
    logo_id: Option<Uuid>,
}

impl StoredCompany {
    fn known(self) -> (CompanyId, Arc<CompanyDefaults>) {
        let zone = self.time_zone;
        let defaults = CompanyDefaults {
            language: self.language.and_then(|code| code.parse().ok()),
            time_zone: zone.and_then(|zone| TimeZoneName::from_browser(&zone)),
            logo: self.logo_id.map(LogoId::new),
        };
        (CompanyId::new(self.id), Arc::new(defaults))
    }
}

/// All groups, the built-in ones first, then by name.
pub(crate) async fn list(database: &Database) -> Result<Vec<Group>, StoreError> {
    Ok(read(database).await?.groups)
}

/// All policies, by setting and then by level.
pub(crate) async fn list_policies(database: &Database) -> Result<Vec<Policy>, StoreError> {
    let mut policies = read(database).await?.policies;
    policies.sort_by_key(|policy| (policy.setting.as_str(), policy.level));
    Ok(policies)
}

/// All record rules, by name.
pub(crate) async fn list_rules(database: &Database) -> Result<Vec<Rule>, StoreError> {
    let mut rules = read(database).await?.rules;
    rules.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(rules)
}

/// Number of users in each group. `leading` has each group with each group that leads to it. A group without users is absent.
pub(crate) async fn count_users(
    database: &Database,
    leading: &[(GroupId, GroupId)],
) -> Result<HashMap<GroupId, u32>, StoreError> {
    let (groups, from): (Vec<_>, Vec<_>) = leading
        .iter()
        .map(|(group, from)| (group.as_uuid(), from.as_uuid()))
        .unzip();
    let rows = sqlx::query!(
        r#"select way.group_id as "group_id!", count(distinct put.user_id) as "users!"
        from unnest($1::uuid[], $2::uuid[]) way (group_id, from_id)
        join user_groups put on put.group_id = way.from_id
        group by 1"#,
        &groups,
        &from,
    )
    .fetch_all(database.system_pool())
    .await?;
    let counts = rows.into_iter().map(|row| {
        let users = u32::try_from(row.users).unwrap_or(u32::MAX);
        (GroupId::new(row.group_id), users)
    });
    Ok(counts.collect())
}

/// The version, the groups with their rights, the rules and the policies of a database. One statement reads them, so that they
/// belong together.
pub(crate) async fn read(database: &Database) -> Result<Read, StoreError> {
    read_by(database.system_pool()).await
}

/// The same in a transaction that already holds a connection.
pub(crate) async fn read_in(tx: &mut SystemTx) -> Result<Read, StoreError> {
    read_by(tx.connection()).await
}

/// What [`read`] reads.
pub(crate) struct Read {
    pub version: Uuid,
    /// The built-in ones first, then by name.
    pub groups: Vec<Group>,
    pub rules: Vec<Rule>,
    pub policies: Vec<Policy>,
    /// The companies with something that their users have by default.
    pub companies: HashMap<CompanyId, Arc<CompanyDefaults>>,
}

async fn read_by<'e>(executor: impl sqlx::PgExecutor<'e>) -> Result<Read, StoreError> {
    let row = sqlx::query!(
        r#"select version,
            array(
                select to_jsonb(g) || jsonb_build_object(
                    'implies', array(
                        select implied_id from group_implies where group_id = g.id order by implied_id
                    ),
                    'rights', array(
                        select to_jsonb(r) from access_rights r where r.group_id = g.id order by r.resource
                    )
                )
                from groups g order by g.is_built_in desc, g.name
            ) as "groups!: Vec<Json<StoredGroup>>",
            array(select to_jsonb(rule) from record_rules rule) as "rules!: Vec<Json<StoredRule>>",
            array(select to_jsonb(policy) from policies policy) as "policies!: Vec<Json<StoredPolicy>>",
            array(
                select to_jsonb(company) from companies company
                where num_nonnulls(language, time_zone, logo_id) > 0
            ) as "companies!: Vec<Json<StoredCompany>>"
        from access_version"#
    )
    .fetch_one(executor)
    .await?;
    let groups = row.groups.into_iter().map(|Json(group)| group.into());
    let rules = row.rules.into_iter().map(|Json(rule)| rule.into());
    let policies = row.policies.into_iter();
    let companies = row.companies.into_iter();
    Ok(Read {
        version: row.version,
        groups: groups.collect(),
        rules: rules.collect(),
        policies: policies.filter_map(|Json(policy)| policy.known()).collect(),
        companies: companies.map(|Json(company)| company.known()).collect(),
    })
}

/// Locks the version, before any user, and returns it: whatever changes groups, or who is in which, does so one after the
/// other.
pub(crate) async fn lock(tx: &mut SystemTx) -> Result<Uuid, StoreError> {
    let version = sqlx::query_scalar!("select version from access_version for update")
        .fetch_one(tx.connection())
        .await?;
    Ok(version)
}

/// Inserts a group; `false` if another group has the name.
pub(crate) async fn insert(tx: &mut SystemTx, new: &NewGroup<'_>) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "insert into groups (id, name, title, about, created_at) values ($1, $2, $3, $4, $5)
        on conflict on constraint groups_name_unique do nothing",
        new.id.as_uuid(),
        new.name,
        new.title,
        new.about,
        new.now,
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives a group another name for people, and another text of what the group is for; `false` if the group is gone.
pub(crate) async fn describe(
    tx: &mut SystemTx,
    id: GroupId,
    title: &str,
    about: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update groups set title = $2, about = $3 where id = $1",
        id.as_uuid(),
        title,
        about,
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes a group; `false` if it is gone. PostgreSQL refuses to delete a built-in group.
pub(crate) async fn delete(tx: &mut SystemTx, id: GroupId) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!("delete from groups where id = $1", id.as_uuid())
        .execute(tx.connection())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether a rule or a policy is for the users of the group.
pub(crate) async fn has_rules_or_policies(
    tx: &mut SystemTx,
    id: GroupId,
) -> Result<bool, StoreError> {
    let has = sqlx::query_scalar!(
        r#"select exists (select from record_rules where group_id = $1)
            or exists (select from policies where group_id = $1) as "has!""#,
        id.as_uuid()
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(has)
}

/// Sets the groups that a group implies.
pub(crate) async fn set_implied(
    tx: &mut SystemTx,
    id: GroupId,
    implied: &[GroupId],
) -> Result<(), sqlx::Error> {
    let implied: Vec<_> = implied.iter().map(|group| group.as_uuid()).collect();
    sqlx::query!(
        "delete from group_implies where group_id = $1 and implied_id <> all($2)",
        id.as_uuid(),
        &implied,
    )
    .execute(&mut *tx.connection())
    .await?;
    sqlx::query!(
        "insert into group_implies (group_id, implied_id) select $1, unnest($2::uuid[])
        on conflict do nothing",
        id.as_uuid(),
        &implied,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Whether the group administers the database.
pub(crate) async fn is_administrator(tx: &mut SystemTx, id: GroupId) -> Result<bool, StoreError> {
    let is = sqlx::query_scalar!(
        r#"select group_named('administrator') = $1 as "is!""#,
        id.as_uuid()
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(is)
}

/// Sets what a group may do with the rows of a resource.
pub(crate) async fn set_right(
    tx: &mut SystemTx,
    id: GroupId,
    resource: &str,
    verbs: Verbs,
) -> Result<(), sqlx::Error> {
    let verbs: Vec<_> = verbs.iter().map(|verb| verb.as_str().to_owned()).collect();
    sqlx::query!(
        "insert into access_rights (group_id, resource, verbs) values ($1, $2, $3)
        on conflict (group_id, resource) do update set verbs = $3",
        id.as_uuid(),
        resource,
        &verbs,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Inserts a record rule; `false` if another rule has the name.
pub(crate) async fn insert_rule(
    tx: &mut SystemTx,
    id: Uuid,
    rule: &Rule,
) -> Result<bool, sqlx::Error> {
    let verbs: Vec<_> = rule
        .verbs
        .iter()
        .map(|verb| verb.as_str().to_owned())
        .collect();
    let done = sqlx::query!(
        "insert into record_rules (id, name, resource, group_id, verbs, scope)
        values ($1, $2, $3, $4, $5, $6)
        on conflict on constraint record_rules_name_unique do nothing",
        id,
        rule.name,
        rule.resource,
        rule.group.map(GroupId::as_uuid),
        &verbs,
        rule.scope.as_str(),
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes the record rule of this name; `false` if there is none.
pub(crate) async fn delete_rule(tx: &mut SystemTx, name: &str) -> Result<bool, StoreError> {
    let done = sqlx::query!("delete from record_rules where name = $1", name)
        .execute(tx.connection())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Sets the groups that a user is put into.
pub(crate) async fn set_of_user(
    tx: &mut SystemTx,
    user: UserId,
    groups: &[GroupId],
) -> Result<(), sqlx::Error> {
    let groups: Vec<_> = groups.iter().map(|group| group.as_uuid()).collect();
    sqlx::query!(
        "delete from user_groups where user_id = $1 and group_id <> all($2)",
        user.as_uuid(),
        &groups,
    )
    .execute(&mut *tx.connection())
    .await?;
    sqlx::query!(
        "insert into user_groups (user_id, group_id) select $1, unnest($2::uuid[])
        on conflict do nothing",
        user.as_uuid(),
        &groups,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The groups that a user is put into.
pub(crate) async fn list_of_user(
    database: &Database,
    user: UserId,
) -> Result<Vec<GroupId>, StoreError> {
    let groups = sqlx::query_scalar!(
        "select group_id from user_groups where user_id = $1 order by group_id",
        user.as_uuid()
    )
    .fetch_all(database.system_pool())
    .await?;
    Ok(groups.into_iter().map(GroupId::new).collect())
}

/// Writes a policy, perhaps in the place of another value.
pub(crate) async fn set_policy(tx: &mut SystemTx, policy: Policy) -> Result<(), sqlx::Error> {
    let (company, group) = ids(policy.level);
    sqlx::query!(
        "insert into policies (company_id, group_id, setting, value) values ($1, $2, $3, $4)
        on conflict (setting, coalesce(company_id, group_id, '00000000-0000-0000-0000-000000000000'))
        do update set value = excluded.value where policies.value <> excluded.value",
        company,
        group,
        policy.setting.as_str(),
        i32::try_from(policy.value).unwrap_or(i32::MAX),
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The value of a policy, if there is the policy.
pub(crate) async fn policy_value(
    tx: &mut SystemTx,
    level: PolicyLevel,
    setting: PolicySetting,
) -> Result<Option<u32>, StoreError> {
    let (company, group) = ids(level);
    let value = sqlx::query_scalar!(
        "select value from policies
        where company_id is not distinct from $1 and group_id is not distinct from $2 and setting = $3",
        company,
        group,
        setting.as_str(),
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(value.and_then(|value| value.try_into().ok()))
}

/// Deletes a policy, if it has this value. Returns the value; `None` if there is no such policy.
pub(crate) async fn delete_policy(
    tx: &mut SystemTx,
    level: PolicyLevel,
    setting: PolicySetting,
    value: Option<u32>,
) -> Result<Option<u32>, StoreError> {
    let (company, group) = ids(level);
    let value = sqlx::query_scalar!(
        "delete from policies
        where company_id is not distinct from $1 and group_id is not distinct from $2 and setting = $3
            and value = coalesce($4, value)
        returning value",
        company,
        group,
        setting.as_str(),
        value.map(|value| i32::try_from(value).unwrap_or(i32::MAX)),
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(value.and_then(|value| value.try_into().ok()))
}

/// The columns of a level: the company and the group.
fn ids(level: PolicyLevel) -> (Option<Uuid>, Option<Uuid>) {
    match level {
        PolicyLevel::Database => (None, None),
        PolicyLevel::Company(company) => (Some(company.as_uuid()), None),
        PolicyLevel::Group(group) => (None, Some(group.as_uuid())),
    }
}
