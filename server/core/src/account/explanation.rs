//! Why a user sees a row, or does not see it.

use super::Groups;
use crate::{
    StoreError,
    access::{self, Facts, GroupTitle, Resource, Rows, Rule, Verb},
    company::CompanyId,
    database::Database,
    user::{self, User},
};

/// The row that a question is about.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A user of the same database.
    User(&'a User),
    /// A company in use, of the same database.
    Company(CompanyId),
}

/// What decides whether a user sees a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Whether the user sees the row.
    pub sees: bool,
    /// Whether the user sees the row without any right: the own account, and companies that the user may work for.
    pub is_own: bool,
    /// The groups of the user that give the right to read.
    pub rights: Vec<GroupTitle>,
    /// The record rules that hold for the user, by name, with the group that each is for. The last value says whether the rule lets
    /// the row through.
    pub rules: Vec<(Rule, Option<GroupTitle>, bool)>,
}

impl Groups {
    /// Why a user sees a row, or does not see it, in a new session: such a session works for the default company of the user.
    pub async fn explain(
        &self,
        database: &Database,
        user: &User,
        subject: Subject<'_>,
    ) -> Result<Explanation, StoreError> {
        let mut tx = database.system().await?;
        let (groups, allowed, version) = user::store::access(&mut tx, user.id).await?;
        let (resource, of) = match subject {
            Subject::User(other) => {
                let (_, of, _) = user::store::access(&mut tx, other.id).await?;
                (Resource::USERS, of)
            }
            Subject::Company(company) => (Resource::COMPANIES, vec![company]),
        };
        let rights = access::rights_in(&mut tx, database, &groups, version).await?;
        let known = access::store::read_in(&mut tx).await?;
        drop(tx);
        let facts = Facts {
            is_own: matches!(subject, Subject::User(other) if other.id == user.id),
            is_of_active_company: allowed.first().is_some_and(|main| of.contains(main)),
            is_of_allowed_company: allowed.iter().any(|company| of.contains(company)),
        };
        let is_own = match subject {
            Subject::User(_) => facts.is_own,
            Subject::Company(_) => facts.is_of_allowed_company,
        };
        let reached: Vec<_> = rights.groups().collect();
        let is_reached = |id| reached.contains(&id);
        let giving = known.groups.iter();
        let giving = giving.filter(|group| is_reached(group.id));
        let giving = giving.filter(|group| group.verbs(resource).has(Verb::Read));
        let holds = |rule: &Rule| {
            rule.resource == resource.as_str()
                && rule.verbs.has(Verb::Read)
                && rule.group.is_none_or(is_reached)
        };
        let title = |id| {
            known
                .groups
                .iter()
                .find(|group| group.id == id)
                .map(GroupTitle::from)
        };
        let mut rules: Vec<_> = known
            .rules
            .iter()
            .filter(|rule| holds(rule))
            .map(|rule| {
                (
                    rule.clone(),
                    rule.group.and_then(title),
                    Rows::of(rule.scope).has(facts),
                )
            })
            .collect();
        rules.sort_by(|(one, ..), (other, ..)| one.name.cmp(&other.name));
        Ok(Explanation {
            sees: is_own || rights.rows(Verb::Read, resource).has(facts),
            is_own,
            rights: giving.map(GroupTitle::from).collect(),
            rules,
        })
    }
}
