//! The rights of a user.

use std::collections::{BTreeMap, BTreeSet};

use latchkey_words::CompanyId;

use super::{GroupId, Policy, PolicyLevel, Resource, Rows, Verb, Verbs};

/// What a user may do, by all groups that the user is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    pub(super) groups: BTreeSet<GroupId>,
    /// Whether one of the groups is the built-in group of administrators.
    pub(super) administer: bool,
    pub(super) verbs: BTreeMap<String, Verbs>,
    /// The rows that each right is for. What is missing here is for every row.
    pub(super) rows: BTreeMap<(String, Verb), Rows>,
    /// The same for PostgreSQL, with the rights without a rule.
    pub(super) rows_as_json: String,
    /// The policies for these groups, for the database and for companies.
    pub(super) policies: Vec<Policy>,
}

impl Rights {
    /// Whether the user may do this with the rows of a resource. Record rules may still leave no row.
    pub fn may(&self, verb: Verb, resource: Resource) -> bool {
        let verbs = self.verbs.get(resource.as_str());
        verbs.is_some_and(|verbs| verbs.has(verb))
    }

    /// The groups that the user is in, also because another group implies them.
    pub fn groups(&self) -> impl Iterator<Item = GroupId> {
        self.groups.iter().copied()
    }

    /// The rights, by the name of the resource.
    pub fn verbs(&self) -> impl Iterator<Item = (&str, Verbs)> {
        let verbs = self.verbs.iter();
        verbs.map(|(resource, verbs)| (resource.as_str(), *verbs))
    }

    /// The rows of a resource with which the user may do this; none without the right.
    pub(crate) fn rows(&self, verb: Verb, resource: Resource) -> Rows {
        self.rows_of(verb, resource.as_str())
    }

    /// The policies for the user, who may work for these companies.
    pub(crate) fn policies_for(&self, allowed: &[CompanyId]) -> impl Iterator<Item = &Policy> {
        self.policies.iter().filter(|policy| match policy.level {
            PolicyLevel::Company(company) => allowed.contains(&company),
            PolicyLevel::Database | PolicyLevel::Group(_) => true,
        })
    }

    /// Whether the user administers the database, and so may give every right to every user.
    pub(crate) fn administer(&self) -> bool {
        self.administer
    }

    /// Whether the user may do all that a user with other rights may do, if both may work for the same companies.
    pub(crate) fn cover(&self, others: &Self) -> bool {
        others.verbs.iter().all(|(resource, verbs)| {
            verbs.iter().all(|verb| {
                let theirs = others.rows_of(verb, resource);
                theirs.are_within(self.rows_of(verb, resource))
            })
        })
    }

    /// Whether no record rule narrows any of the rights that a user with other rights has. Then it does not matter for which
    /// companies the other may work.
    pub(crate) fn cover_all_rows(&self, others: &Self) -> bool {
        others.verbs.iter().all(|(resource, verbs)| {
            verbs
                .iter()
                .all(|verb| self.rows_of(verb, resource) == Rows::ALL)
        })
    }

    fn rows_of(&self, verb: Verb, resource: &str) -> Rows {
        let verbs = self.verbs.get(resource);
        if !verbs.is_some_and(|verbs| verbs.has(verb)) {
            return Rows::NONE;
        }
        let rows = self.rows.get(&(resource.to_owned(), verb));
        rows.copied().unwrap_or(Rows::ALL)
    }

    /// The rows that each right is for, as the policies of PostgreSQL read them.
    pub(crate) fn rows_as_json(&self) -> &str {
        &self.rows_as_json
    }

    /// Writes [`Self::rows_as_json`], once all else is known.
    pub(super) fn finish(&mut self) {
        let resources = self.verbs.iter().map(|(resource, verbs)| {
            let rows = verbs.iter().map(|verb| {
                let rows = self.rows.get(&(resource.clone(), verb));
                let rows = rows.copied().unwrap_or(Rows::ALL);
                format!("\"{}\":{}", verb.as_str(), rows.bits())
            });
            let rows: Vec<_> = rows.collect();
            format!("\"{resource}\":{{{}}}", rows.join(","))
        });
        let resources: Vec<_> = resources.collect();
        self.rows_as_json = format!("{{{}}}", resources.join(","));
    }
}
