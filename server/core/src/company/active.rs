//! The companies that a session works for, among those that its user may work for.

use super::CompanyId;

/// The companies of a session. What the session names counts only as far as the user may work for it at this moment: each
/// request finds out anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveCompanies {
    allowed: Vec<CompanyId>,
    active: Vec<CompanyId>,
    lost: Vec<CompanyId>,
}

impl ActiveCompanies {
    /// Compares what the session names with the companies in use that the user may work for. `allowed` begins with the
    /// default company. A session that names no company, or none that is left, works for the default company.
    pub(crate) fn of(allowed: Vec<CompanyId>, named: &[CompanyId]) -> Self {
        let mut active = Vec::new();
        let mut lost = Vec::new();
        for company in named {
            let kind = if allowed.contains(company) {
                &mut active
            } else {
                &mut lost
            };
            if !kind.contains(company) {
                kind.push(*company);
            }
        }
        if active.is_empty() {
            active.extend(allowed.first());
        }
        Self {
            allowed,
            active,
            lost,
        }
    }

    /// The main company, under which the user makes something new. `None` if the user has no company, which the database
    /// refuses.
    pub fn main(&self) -> Option<CompanyId> {
        self.active.first().copied()
    }

    /// The companies whose rows the user works with, the main one first.
    pub fn active(&self) -> &[CompanyId] {
        &self.active
    }

    /// The companies that the user may choose from, the default one first.
    pub fn allowed(&self) -> &[CompanyId] {
        &self.allowed
    }

    /// The companies that the session still names, and that the user may no longer work for.
    pub fn lost(&self) -> &[CompanyId] {
        &self.lost
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn ids(numbers: &[u8]) -> Vec<CompanyId> {
        let id = |number: &u8| CompanyId::new(Uuid::from_u128((*number).into()));
        numbers.iter().map(id).collect()
    }

    fn companies(allowed: &[u8], named: &[u8]) -> ActiveCompanies {
        ActiveCompanies::of(ids(allowed), &ids(named))
    }

    #[test]
    fn a_session_works_for_the_default_company_until_the_person_chooses() {
        let companies = companies(&[1, 2], &[]);
        assert_eq!(companies.active(), ids(&[1]));
        assert_eq!(companies.lost(), []);
    }

    #[test]
    fn the_first_company_that_is_named_and_allowed_is_the_main_one() {
        let companies = companies(&[1, 2, 3], &[9, 3, 1, 3]);
        assert_eq!(companies.active(), ids(&[3, 1]));
        assert_eq!(companies.main(), ids(&[3]).first().copied());
        assert_eq!(companies.lost(), ids(&[9]));
    }

    #[test]
    fn a_session_whose_companies_are_all_lost_works_for_the_default_one() {
        let companies = companies(&[1, 2], &[8, 9]);
        assert_eq!(companies.active(), ids(&[1]));
        assert_eq!(companies.lost(), ids(&[8, 9]));
    }

    proptest! {
        #[test]
        fn no_session_works_for_a_company_that_is_not_allowed(
            allowed in prop::collection::vec(0_u8..6, 0..5),
            named in prop::collection::vec(0_u8..6, 0..5),
        ) {
            let companies = companies(&allowed, &named);
            let may = ids(&allowed);
            prop_assert!(companies.active().iter().all(|company| may.contains(company)));
            prop_assert_eq!(companies.active().is_empty(), may.is_empty());
            prop_assert!(companies.lost().iter().all(|company| !may.contains(company)));
        }
    }
}
