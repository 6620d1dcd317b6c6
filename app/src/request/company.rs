//! The companies of the visitor's session, and of the database, for pages.

use latchkey_core::{
    DisplayedName,
    access::{Resource, Verb},
    account::{
        AdministerCompanyError, ArchiveCompanyError, ChooseCompaniesError, NameCompanyError,
    },
    client::TimeZoneName,
    company::{Company, CompanyId, CompanyProfile, CompanyRecord},
    session::Confirmed,
};
use server_fn::ServerFn;

use super::{
    Visitor,
    profile::{choice, zones},
};
use crate::{
    routes,
    text::Language,
    wire::{
        ApiError,
        company::{CompanyChoice, CompanyDetails, CompanyProblem, ListedCompany},
    },
};

/// The profile of a company as a form sends it. An empty text stands for none.
pub(crate) struct TypedCompany {
    pub colour: Option<String>,
    pub language: String,
    pub time_zone: String,
}

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
            colour: colour(&company.profile),
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

impl Visitor {
    /// The companies that the caller may see, archived ones too, the oldest first.
    pub(crate) async fn companies(&self) -> Result<Vec<ListedCompany>, ApiError> {
        let caller = self.caller_with(Verb::Read, Resource::COMPANIES)?;
        let seen = self.core.companies.list_seen(caller).await?;
        let listed = seen.into_iter().map(|company| listed(company.record));
        Ok(listed.collect())
    }

    /// A company, and what the caller may do.
    pub(crate) async fn company(&self, id: &str) -> Result<CompanyDetails, ApiError> {
        let caller = self.caller_with(Verb::Read, Resource::COMPANIES)?;
        let id: CompanyId = id.parse().map_err(|_no_id| ApiError::NotFound)?;
        let seen = self.core.companies.list_seen(caller).await?;
        let mut seen = seen.into_iter();
        let company = seen.find(|company| company.record.company.id == id);
        let company = company.ok_or(ApiError::NotFound)?;
        let Company {
            id, profile, logo, ..
        } = &company.record.company;
        let may_write = company.may_write;
        let language = profile.language.as_ref();
        let language = language.and_then(|code| Language::from_code(code.as_str()));
        let zone = profile.time_zone.as_ref().map(TimeZoneName::as_str);
        let (languages, zones) = if may_write {
            (self.language_choices(), zones())
        } else {
            (Vec::new(), Vec::new())
        };
        Ok(CompanyDetails {
            colour: colour(profile),
            language: language.map(choice),
            time_zone: zone.map(str::to_owned),
            logo: logo.map(|logo| routes::logo_of(*id, &logo.to_string())),
            languages,
            zones,
            may_write,
            company: listed(company.record),
        })
    }

    /// The address of the logo of the company that the session works for.
    pub(crate) fn logo(&self) -> Option<String> {
        let caller = self.caller().ok()?;
        let logo = caller.defaults.as_ref()?.logo?;
        Some(routes::logo_of(caller.companies.main()?, &logo.to_string()))
    }

    /// The picture of a company that the caller sees, as a PNG file, and whether a browser may keep the file: the address has named
    /// this picture, and the computer is not shared.
    pub async fn logo_of(&self, id: &str, named: &str) -> Result<(Vec<u8>, bool), ApiError> {
        let caller = self.caller()?;
        let id: CompanyId = id.parse().map_err(|_no_id| ApiError::NotFound)?;
        let logo = self.core.companies.logo(caller, id).await?;
        let (logo, picture) = logo.ok_or(ApiError::NotFound)?;
        let may_be_kept = logo.to_string() == named && !caller.session.computer.is_shared();
        Ok((picture.into_png(), may_be_kept))
    }

    /// Adds a company. A form posted without JavaScript leads to the list of companies, because a record rule may hide the page of
    /// the company from the caller.
    pub(crate) async fn add_company<S: ServerFn>(
        &self,
        name: &str,
        password: String,
    ) -> Result<CompanyId, ApiError> {
        self.caller_with(Verb::Create, Resource::COMPANIES)?;
        let name: DisplayedName = name.parse()?;
        let confirmed = self.confirmed(Some(password)).await?;
        let id = self.core.companies.create_as(confirmed, &name).await?;
        self.form_done::<S>(0);
        self.redirect_form(routes::COMPANIES);
        Ok(id)
    }

    /// Gives a company another name.
    pub(crate) async fn rename_company<S: ServerFn>(
        &self,
        id: CompanyId,
        name: &str,
        password: String,
    ) -> Result<(), ApiError> {
        self.caller_with(Verb::Write, Resource::COMPANIES)?;
        let name: DisplayedName = name.parse()?;
        let confirmed = self.confirmed(Some(password)).await?;
        self.core.companies.rename_as(confirmed, id, &name).await?;
        self.form_done::<S>(0);
        Ok(())
    }

    /// Gives a company another profile.
    pub(crate) async fn set_company_profile<S: ServerFn>(
        &self,
        id: CompanyId,
        typed: TypedCompany,
        password: String,
    ) -> Result<(), ApiError> {
        self.caller_with(Verb::Write, Resource::COMPANIES)?;
        let profile = self.read_company(&typed)?;
        let confirmed = self.confirmed(Some(password)).await?;
        let companies = &self.core.companies;
        companies.set_profile_as(confirmed, id, &profile).await?;
        self.form_done::<S>(0);
        Ok(())
    }

    fn read_company(&self, typed: &TypedCompany) -> Result<CompanyProfile, ApiError> {
        let (language, time_zone) = self
            .read_locale(&typed.language, &typed.time_zone)
            .map_err(ApiError::UnknownPreference)?;
        let colour = typed.colour.as_ref().map(|colour| colour.parse());
        let colour = colour.transpose();
        Ok(CompanyProfile {
            colour: colour.map_err(|_no_colour| ApiError::Malformed)?,
            language,
            time_zone,
        })
    }

    /// Archives a company.
    pub(crate) async fn archive_company<S: ServerFn>(
        &self,
        id: CompanyId,
        password: String,
    ) -> Result<(), ApiError> {
        let confirmed = self.confirmed_on_company(password).await?;
        self.core.companies.archive_as(confirmed, id).await?;
        self.form_done::<S>(0);
        Ok(())
    }

    /// Puts an archived company to use again.
    pub(crate) async fn restore_company<S: ServerFn>(
        &self,
        id: CompanyId,
        password: String,
    ) -> Result<(), ApiError> {
        let confirmed = self.confirmed_on_company(password).await?;
        self.core.companies.restore_as(confirmed, id).await?;
        self.form_done::<S>(0);
        Ok(())
    }

    /// The caller with the right to write companies, whose identity was confirmed recently or is confirmed now.
    async fn confirmed_on_company(&self, password: String) -> Result<Confirmed<'_>, ApiError> {
        self.caller_with(Verb::Write, Resource::COMPANIES)?;
        self.confirmed(Some(password)).await
    }
}

/// The colour as pages have it.
fn colour(profile: &CompanyProfile) -> Option<String> {
    let colour = profile.colour.as_ref()?;
    Some(colour.as_str().to_owned())
}

fn listed(record: CompanyRecord) -> ListedCompany {
    ListedCompany {
        id: record.company.id,
        name: record.company.name,
        is_archived: record.archived_at.is_some(),
        users: record.users,
    }
}

impl From<AdministerCompanyError> for ApiError {
    fn from(error: AdministerCompanyError) -> Self {
        Self::Company(match error {
            AdministerCompanyError::NotFound => return Self::NotFound,
            AdministerCompanyError::NoAccess => return Self::NoAccess,
            AdministerCompanyError::LoggedOut => return Self::LoggedOut,
            AdministerCompanyError::Name(NameCompanyError::Taken) => CompanyProblem::Taken,
            AdministerCompanyError::Archive(ArchiveCompanyError::Last) => CompanyProblem::Last,
            AdministerCompanyError::Archive(ArchiveCompanyError::OnlyOneOfUsers(users)) => {
                CompanyProblem::OnlyOneOfUsers { users }
            }
            AdministerCompanyError::Name(NameCompanyError::Store(error))
            | AdministerCompanyError::Archive(ArchiveCompanyError::Store(error))
            | AdministerCompanyError::Store(error) => return error.into(),
        })
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
