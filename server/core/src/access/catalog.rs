//! All groups and rights of a database, as a node keeps them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::RwLock;
use uuid::Uuid;

use super::{
    ADMINISTRATOR, Group, GroupId, GroupTitle, Policy, PolicyLevel, Rights, Rows, Rule, store,
};
use crate::{
    StoreError,
    company::{CompanyDefaults, CompanyId},
    database::{Database, SystemTx},
};

/// The largest number of different sets of groups whose rights a node keeps.
const MOST_SETS: usize = 1_000;

/// The groups, rights and policies of a version, and what companies bring for their users.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    /// `None` before the first look.
    version: Option<Uuid>,
    groups: HashMap<GroupId, Group>,
    rules: Vec<Rule>,
    policies: Vec<Policy>,
    companies: HashMap<CompanyId, Arc<CompanyDefaults>>,
    /// The rights by the groups that a user is put into.
    rights: Mutex<HashMap<Vec<GroupId>, Arc<Rights>>>,
}

/// What the node has last read of a database.
#[derive(Default)]
struct Kept(RwLock<Arc<Catalog>>);

/// The rights of a user in these groups, by [`catalog_of`].
pub(crate) async fn rights_of(
    database: &Database,
    groups: &[GroupId],
    version: Uuid,
) -> Result<Arc<Rights>, StoreError> {
    let catalog = catalog_of(database, version).await?;
    Ok(catalog.rights_of(groups))
}

/// The same in a transaction, which has locked the version. The transaction's own connection reads, because a transaction that
/// waited for a second connection would keep those waiting that hold one.
pub(crate) async fn rights_in(
    tx: &mut SystemTx,
    database: &Database,
    groups: &[GroupId],
    version: Uuid,
) -> Result<Arc<Rights>, StoreError> {
    Ok(catalog_in(tx, database, version).await?.rights_of(groups))
}

/// All groups and rights, in a transaction, which has locked the version.
pub(crate) async fn catalog_in(
    tx: &mut SystemTx,
    database: &Database,
    version: Uuid,
) -> Result<Arc<Catalog>, StoreError> {
    // Requests that hold the lock may wait for a connection, and so for the end of this transaction.
    if let Ok(catalog) = database.shared::<Kept>().0.try_read()
        && catalog.version == Some(version)
    {
        return Ok(Arc::clone(&catalog));
    }
    Ok(Arc::new(Catalog::new(store::read_in(tx).await?)))
}

/// All groups and rights. `version` is the version that a request has read. What the node keeps of another version is read anew, so
/// that the rights are at least as new as the request.
pub(crate) async fn catalog_of(
    database: &Database,
    version: Uuid,
) -> Result<Arc<Catalog>, StoreError> {
    let kept = database.shared::<Kept>();
    {
        let catalog = kept.0.read().await;
        if catalog.version == Some(version) {
            return Ok(Arc::clone(&catalog));
        }
    }
    // One request reads; the others wait, and find the new version.
    let mut catalog = kept.0.write().await;
    if catalog.version != Some(version) {
        *catalog = Arc::new(Catalog::new(store::read(database).await?));
    }
    Ok(Arc::clone(&catalog))
}

/// The names of these groups, as the node has last read them.
pub(crate) async fn titles(
    database: &Database,
    groups: impl IntoIterator<Item = GroupId>,
) -> HashMap<GroupId, GroupTitle> {
    let kept = database.shared::<Kept>();
    let catalog = kept.0.read().await;
    let titles = groups.into_iter().filter_map(|id| {
        let group = catalog.groups.get(&id)?;
        Some((id, group.into()))
    });
    titles.collect()
}

/// The names of all groups, as the node has last read them.
pub(crate) async fn all_titles(database: &Database) -> Vec<GroupTitle> {
    let kept = database.shared::<Kept>();
    let catalog = kept.0.read().await;
    catalog.groups.values().map(GroupTitle::from).collect()
}

/// The record rules that hold for a user: those for all users and those of the user's groups, as the node has last read them.
pub(crate) async fn rules_for(database: &Database, rights: &Rights) -> Vec<Rule> {
    let kept = database.shared::<Kept>();
    let catalog = kept.0.read().await;
    let holds = |rule: &&Rule| {
        let group = rule.group;
        group.is_none_or(|group| rights.groups.contains(&group))
    };
    catalog.rules.iter().filter(holds).cloned().collect()
}

/// The numbers of groups and of policies, as the node has last read them.
pub(crate) async fn count(database: &Database) -> (u32, u32) {
    let kept = database.shared::<Kept>();
    let catalog = kept.0.read().await;
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    (number(catalog.groups.len()), number(catalog.policies.len()))
}

impl Catalog {
    fn new(read: store::Read) -> Self {
        let groups = read.groups.into_iter().map(|group| (group.id, group));
        Self {
            version: Some(read.version),
            groups: groups.collect(),
            rules: read.rules,
            policies: read.policies,
            companies: read.companies,
            rights: Mutex::default(),
        }
    }

    /// What the users of a company have by default.
    pub(crate) fn defaults_of(&self, company: CompanyId) -> Option<Arc<CompanyDefaults>> {
        self.companies.get(&company).cloned()
    }

    /// The technical names of the groups that a user is in, in order.
    pub(crate) fn names_of(&self, rights: &Rights) -> Vec<String> {
        let groups = rights.groups.iter().filter_map(|id| self.groups.get(id));
        let mut names: Vec<_> = groups.map(|group| group.name.clone()).collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn rights_of(&self, groups: &[GroupId]) -> Arc<Rights> {
        let mut known = self.rights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rights) = known.get(groups) {
            return Arc::clone(rights);
        }
        if known.len() >= MOST_SETS {
            known.clear();
        }
        let rights = Arc::new(self.compile(groups));
        known.insert(groups.to_vec(), Arc::clone(&rights));
        rights
    }

    /// The rights of all groups that these imply, and of these. A group that is gone gives nothing.
    fn compile(&self, groups: &[GroupId]) -> Rights {
        let mut rights = Rights::default();
        let mut waiting = groups.to_vec();
        while let Some(id) = waiting.pop() {
            let Some(group) = self.groups.get(&id) else {
                continue;
            };
            if !rights.groups.insert(id) {
                continue;
            }
            rights.administer |= group.is_built_in && group.name == ADMINISTRATOR;
            for (resource, verbs) in &group.rights {
                let all = rights.verbs.entry(resource.clone()).or_default();
                *all = all.or(*verbs);
            }
            waiting.extend(&group.implies);
        }
        for rule in &self.rules {
            for verb in rule.verbs.iter() {
                let key = (rule.resource.clone(), verb);
                let passing = || Rows::that_pass(&self.rules, &rights.groups, &rule.resource, verb);
                rights.rows.entry(key).or_insert_with(passing);
            }
        }
        let policies = self.policies.iter().filter(|policy| match policy.level {
            PolicyLevel::Group(group) => rights.groups.contains(&group),
            PolicyLevel::Database | PolicyLevel::Company(_) => true,
        });
        rights.policies = policies.copied().collect();
        rights.finish();
        rights
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::access::{PolicySetting, Resource, Verb, Verbs};

    const GROUPS: u8 = 6;

    fn id(number: u8) -> GroupId {
        GroupId::new(Uuid::from_u128(number.into()))
    }

    fn group(number: u8, implies: &[u8], rights: &[(Resource, Verb)]) -> Group {
        let rights = rights.iter();
        let rights = rights
            .map(|(resource, verb)| (resource.as_str().to_owned(), Verbs::default().with(*verb)));
        Group {
            id: id(number),
            name: format!("group{number}"),
            title: format!("Group {number}"),
            about: String::new(),
            is_built_in: false,
            implies: implies.iter().map(|implied| id(*implied)).collect(),
            rights: rights.collect(),
        }
    }

    fn catalog(groups: Vec<Group>, policies: Vec<Policy>) -> Catalog {
        Catalog::new(store::Read {
            version: Uuid::nil(),
            groups,
            rules: Vec::new(),
            policies,
            companies: HashMap::new(),
        })
    }

    #[test]
    fn policies_are_those_of_the_database_the_companies_and_all_reached_groups() {
        let company = |number: u8| CompanyId::new(Uuid::from_u128(number.into()));
        let levels = [
            PolicyLevel::Database,
            PolicyLevel::Company(company(1)),
            PolicyLevel::Company(company(2)),
            PolicyLevel::Group(id(1)),
            PolicyLevel::Group(id(2)),
            PolicyLevel::Group(id(3)),
        ];
        let policies = levels.map(|level| Policy {
            level,
            setting: PolicySetting::IdleTimeout,
            value: 60,
        });
        let groups = vec![group(1, &[2], &[]), group(2, &[], &[]), group(3, &[], &[])];
        let catalog = catalog(groups, policies.to_vec());
        let rights = catalog.rights_of(&[id(1)]);
        let allowed = [company(2)];
        let of = rights.policies_for(&allowed);
        let of: Vec<_> = of.map(|policy| policy.level).collect();
        let [database, _, second, one, two, _] = levels;
        assert_eq!(of, [database, second, one, two]);
    }

    #[test]
    fn a_group_that_is_gone_stops_no_other_group() {
        let catalog = catalog(
            vec![group(1, &[], &[(Resource::USERS, Verb::Read)])],
            Vec::new(),
        );
        let rights = catalog.rights_of(&[id(1), id(9)]);
        assert!(rights.may(Verb::Read, Resource::USERS));
        assert!(!rights.may(Verb::Write, Resource::USERS));
        assert!(!rights.may(Verb::Read, Resource::COMPANIES));
    }

    /// The groups that a group reaches, step by step until no step adds one.
    fn reached(from: &BTreeSet<u8>, implies: &[(u8, u8)]) -> BTreeSet<u8> {
        let mut all = from.clone();
        loop {
            let next: BTreeSet<u8> = implies
                .iter()
                .filter(|(group, _)| all.contains(group))
                .map(|(_, implied)| *implied)
                .collect();
            if next.is_subset(&all) {
                return all;
            }
            all.extend(next);
        }
    }

    proptest! {
        #[test]
        fn rights_are_those_of_all_reached_groups(
            own in prop::collection::btree_set(0..GROUPS, 0..4),
            implies in prop::collection::vec((0..GROUPS, 0..GROUPS), 0..10),
            given in prop::collection::vec((0..GROUPS, 0..Resource::ALL.len(), 0..4_usize), 0..20),
        ) {
            let verbs = [Verb::Read, Verb::Write, Verb::Create, Verb::Delete];
            let groups = (0..GROUPS).map(|number| {
                let implied = implies.iter().filter(|(group, _)| *group == number);
                let implied: Vec<u8> = implied.map(|(_, implied)| *implied).collect();
                let rights = given.iter().filter(|(group, _, _)| *group == number);
                let rights: Vec<_> = rights
                    .map(|(_, resource, verb)| (Resource::ALL[*resource], verbs[*verb]))
                    .collect();
                group(number, &implied, &rights)
            });
            let catalog = catalog(groups.collect(), Vec::new());
            let ids: Vec<_> = own.iter().map(|number| id(*number)).collect();
            let rights = catalog.rights_of(&ids);
            let all = reached(&own, &implies);
            for resource in Resource::ALL {
                for verb in verbs {
                    let expected = given.iter().any(|(group, of, what)| {
                        all.contains(group) && Resource::ALL[*of] == resource && verbs[*what] == verb
                    });
                    prop_assert_eq!(rights.may(verb, resource), expected);
                }
            }
        }
    }
}
