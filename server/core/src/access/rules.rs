//! Record rules: which rows of a resource a user's right is for.
//!
//! A rule looks at three facts about a row: whether the row is the user's own, whether it belongs to a company that the session
//! works for, and whether it belongs to a company that the user may work for. So all rules for a resource and a verb, however
//! many, compile to the set of those combinations of facts that let a row through: eight bits. A policy of PostgreSQL looks up
//! one bit for each row.

use std::collections::BTreeSet;

use super::{GroupId, Scope, Verb, Verbs};

/// A record rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The name, for explanations.
    pub name: String,
    /// The name of the resource.
    pub resource: String,
    /// The group whose users the rule is for; `None` for all users.
    pub group: Option<GroupId>,
    /// The verbs that the rule is for.
    pub verbs: Verbs,
    /// The rows that the rule lets through.
    pub scope: Scope,
}

/// What a row is to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Whether the row is the user's own.
    pub is_own: bool,
    /// Whether the session works for a company of the row.
    pub is_of_active_company: bool,
    /// Whether the user may work for a company of the row.
    pub is_of_allowed_company: bool,
}

/// The combinations of facts that let a row through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows(u8);

impl Rows {
    /// No row.
    pub const NONE: Self = Self(0);
    /// Every row.
    pub const ALL: Self = Self(0b1111_1111);

    /// The rows of a scope.
    pub const fn of(scope: Scope) -> Self {
        // Bit n is for the facts whose number is n.
        match scope {
            Scope::Own => Self(0b1010_1010),
            Scope::ActiveCompanies => Self(0b1100_1100),
            Scope::AllowedCompanies => Self(0b1111_0000),
            Scope::All => Self::ALL,
        }
    }

    /// Whether a row passes.
    pub(crate) const fn has(self, facts: Facts) -> bool {
        (self.0 >> facts.number()) & 1 == 1
    }

    /// Whether these rows are among others. A user may work for each company that the session works for, so that no row is of an
    /// active company and of no allowed one.
    pub(super) const fn are_within(self, others: Self) -> bool {
        const POSSIBLE: u8 = 0b1111_0011;
        self.0 & !others.0 & POSSIBLE == 0
    }

    /// The bits, for a policy of PostgreSQL.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The rows that pass for a user in these groups, as far as rules decide.
    pub(super) fn that_pass(
        rules: &[Rule],
        groups: &BTreeSet<GroupId>,
        resource: &str,
        verb: Verb,
    ) -> Self {
        let mut all = Self::ALL;
        let mut of_groups = None;
        let about = rules
            .iter()
            .filter(|rule| rule.resource == resource && rule.verbs.has(verb));
        for rule in about {
            let rows = Self::of(rule.scope);
            match rule.group {
                None => all = Self(all.0 & rows.0),
                Some(group) if groups.contains(&group) => {
                    let Self(others) = of_groups.unwrap_or(Self::NONE);
                    of_groups = Some(Self(others | rows.0));
                }
                Some(_) => {}
            }
        }
        let Self(of_groups) = of_groups.unwrap_or(Self::ALL);
        Self(all.0 & of_groups)
    }
}

impl Facts {
    const fn number(self) -> u8 {
        self.is_own as u8
            + 2 * self.is_of_active_company as u8
            + 4 * self.is_of_allowed_company as u8
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const SCOPES: [Scope; 4] = [
        Scope::Own,
        Scope::ActiveCompanies,
        Scope::AllowedCompanies,
        Scope::All,
    ];

    fn group(number: u8) -> GroupId {
        GroupId::new(Uuid::from_u128(number.into()))
    }

    fn facts() -> impl Iterator<Item = Facts> {
        (0_u8..8).map(|number| Facts {
            is_own: number & 1 != 0,
            is_of_active_company: number & 2 != 0,
            is_of_allowed_company: number & 4 != 0,
        })
    }

    fn holds(scope: Scope, facts: Facts) -> bool {
        match scope {
            Scope::Own => facts.is_own,
            Scope::ActiveCompanies => facts.is_of_active_company,
            Scope::AllowedCompanies => facts.is_of_allowed_company,
            Scope::All => true,
        }
    }

    #[test]
    fn a_scope_is_what_its_name_says() {
        for scope in SCOPES {
            for facts in facts() {
                assert_eq!(
                    Rows::of(scope).has(facts),
                    holds(scope, facts),
                    "{scope:?} {facts:?}"
                );
            }
        }
    }

    #[test]
    fn each_scope_is_within_the_wider_ones() {
        let within = |one, other| Rows::of(one).are_within(Rows::of(other));
        for scope in SCOPES {
            assert!(within(scope, scope) && within(scope, Scope::All));
        }
        assert!(within(Scope::ActiveCompanies, Scope::AllowedCompanies));
        for (one, other) in [
            (Scope::All, Scope::AllowedCompanies),
            (Scope::AllowedCompanies, Scope::ActiveCompanies),
            (Scope::Own, Scope::AllowedCompanies),
            (Scope::ActiveCompanies, Scope::Own),
        ] {
            assert!(!within(one, other), "{one:?} {other:?}");
        }
    }

    proptest! {
        #[test]
        fn rules_of_all_narrow_and_rules_of_groups_widen(
            own in prop::collection::btree_set(0_u8..4, 0..3),
            given in prop::collection::vec(
                (prop::option::of(0_u8..4), 0..4_usize, any::<bool>(), any::<bool>()),
                0..8,
            ),
        ) {
            let rules: Vec<Rule> = given
                .iter()
                .map(|(of, scope, is_read, is_users)| Rule {
                    name: "a rule".to_owned(),
                    resource: if *is_users { "users" } else { "companies" }.to_owned(),
                    group: of.map(group),
                    verbs: Verbs::default().with(if *is_read { Verb::Read } else { Verb::Write }),
                    scope: SCOPES[*scope],
                })
                .collect();
            let groups = own.iter().map(|number| group(*number)).collect();
            let rows = Rows::that_pass(&rules, &groups, "users", Verb::Read);
            let about = || given.iter().filter(|(_, _, is_read, is_users)| *is_read && *is_users);
            let mine = || about().filter(|(of, ..)| of.is_some_and(|of| own.contains(&of)));
            for facts in facts() {
                let passes_all = about()
                    .filter(|(of, ..)| of.is_none())
                    .all(|(_, scope, ..)| holds(SCOPES[*scope], facts));
                let passes_one = mine().next().is_none()
                    || mine().any(|(_, scope, ..)| holds(SCOPES[*scope], facts));
                prop_assert_eq!(rows.has(facts), passes_all && passes_one);
            }
        }
    }
}
