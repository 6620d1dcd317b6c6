//! The companies of the visitor's session.

use latchkey_core::{
    account::ChooseCompaniesError,
    company::{Colour, CompanyId},
};

use super::Visitor;
use crate::wire::{
    ApiError,
    company::{CompanyChoice, CompanyProblem},
};

impl Visitor {
    /// The companies that the caller may choose from; none if there is no choice.
    pub(crate) async fn company_choices(&self) -> Result<Vec<CompanyChoice>, ApiError> {
        let caller = self.caller()?;
        let companies = &caller.companies;
        if companies.allowed().len() < 2 {
            return Ok(Vec::new());
        }
        let own = self.core.companies.list_own(caller).await?;
        let choice = own.into_iter().map(|company| CompanyChoice {
            is_active: companies.active().contains(&company.id),
            is_main: companies.main() == Some(company.id),
            id: company.id,
            name: company.name,
            colour: company
                .colour
                .as_ref()
                .map(Colour::as_str)
                .map(str::to_owned),
        });
        Ok(choice.collect())
    }

    /// Makes the caller's session work for `only`, or else for all of `ticked`.
    pub(crate) async fn choose_companies(
        &self,
        only: Option<CompanyId>,
        mut ticked: Vec<CompanyId>,
    ) -> Result<(), ApiError> {
        let caller = self.caller()?;
        let main = caller.companies.main();
        // Stable: the others keep the order of the page.
        ticked.sort_by_key(|company| Some(*company) != main);
        let chosen = only.map_or(ticked, |company| vec![company]);
        Ok(self.core.companies.choose(caller, &chosen).await?)
    }

    /// Whether the session has lost a company that it worked for, which the page tells once.
    pub fn has_lost_company(&self) -> bool {
        self.caller()
            .is_ok_and(|caller| !caller.companies.lost().is_empty())
    }
}

impl From<ChooseCompaniesError> for ApiError {
    fn from(error: ChooseCompaniesError) -> Self {
        Self::Company(match error {
            ChooseCompaniesError::NotAllowed => CompanyProblem::NotAllowed,
            ChooseCompaniesError::NoCompany => CompanyProblem::NoneChosen,
            ChooseCompaniesError::LoggedOut => return Self::LoggedOut,
            ChooseCompaniesError::Store(error) => return error.into(),
        })
    }
}
