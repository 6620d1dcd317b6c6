//! Creates and lists users.

use std::{collections::HashMap, sync::Arc};

use super::{
    actor::{Act, ActError},
    companies::{SetCompaniesError, set_companies},
};
use crate::{
    StoreError,
    access::{self, GroupId, GroupTitle, Verb},
    clock::Clock,
    company::{self, CompanyId},
    database::{CreateDatabaseError, Database, DatabaseName, Databases, SystemTx},
    module::Modules,
    random::Random,
    session::{self, Caller, Confirmed, Sessions},
    user::{
        self, InvalidLogin, InvalidPassword, Login, LoginKey, Overloaded, Password, PasswordHash,
        PasswordHasher, PasswordOwner, Role, User, UserId, UserRecord, VisibleUser, store::NewRow,
    },
};

/// The number of users on a page.
pub const USERS_ON_PAGE: usize = 50;

/// The users that a list has.
#[derive(Clone, Copy, Debug, Default)]
pub struct UserFilter<'a> {
    /// A part of the login or the name, in any case. An empty text finds all.
    pub search: &'a str,
    /// Only users in this group.
    pub group: Option<GroupId>,
}

/// A page of users.
#[derive(Clone, Debug)]
pub struct UserPage {
    /// The users.
    pub users: Vec<VisibleUser>,
    /// The names of the groups of these users.
    pub groups: HashMap<GroupId, GroupTitle>,
    /// The names of the companies of these users, as far as the caller may see the companies; empty where one company is in use.
    pub companies: HashMap<CompanyId, String>,
    /// The cursor of the next page; `None` on the last page.
    pub next: Option<String>,
}

/// A user to create.
pub struct NewUser {
    /// The login, unique in the database regardless of case.
    pub login: Login,
    /// The user's name for people.
    pub name: String,
    /// The first password.
    pub password: PasswordOrigin,
    /// The user's role.
    pub role: Role,
    /// The companies that the user may work for, the default one first. If empty, the oldest company in use.
    pub companies: Vec<CompanyId>,
}

/// The origin of a password that an administrator sets.
pub enum PasswordOrigin {
    /// The password was given, and stays the user's own.
    Given(Password),
    /// The password was made for one log-in, and the user must replace it then.
    OneTime(Password),
}

/// The reason why a user was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    /// The text is not a valid login.
    #[error(transparent)]
    Login(#[from] InvalidLogin),
    /// Another user has the login, perhaps in another spelling.
    #[error("this login is taken")]
    LoginTaken,
    /// The login looks like another user's, and people would confuse the users.
    #[error("this login looks like '{0}', which another user has")]
    LooksLike(String),
    /// The password cannot be set.
    #[error(transparent)]
    Password(#[from] InvalidPassword),
    /// The companies cannot be the user's.
    #[error(transparent)]
    Companies(#[from] SetCompaniesError),
    /// The database for the user could not be created.
    #[error(transparent)]
    Database(#[from] CreateDatabaseError),
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The reason why a person did not add a user.
#[derive(Debug, thiserror::Error)]
pub enum AddUserError {
    /// The person may not create users of the company that the session works for.
    #[error("the person may not create users of this company")]
    NoAccess,
    /// The person's session has ended meanwhile.
    #[error("the session has ended")]
    LoggedOut,
    /// The user was not created.
    #[error(transparent)]
    Create(#[from] CreateUserError),
}

impl From<ActError> for AddUserError {
    fn from(error: ActError) -> Self {
        match error {
            ActError::LoggedOut => Self::LoggedOut,
            ActError::NotFound | ActError::NoAccess => Self::NoAccess,
            ActError::Store(error) => Self::Create(error.into()),
        }
    }
}

/// The service of the users of databases, for administrators; and for people, of their own name and preferences.
pub struct Users {
    pub(super) hasher: Arc<PasswordHasher>,
    databases: Arc<Databases>,
    pub(super) sessions: Arc<Sessions>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) modules: Modules,
}

impl Users {
    pub(crate) fn new(
        hasher: Arc<PasswordHasher>,
        databases: Arc<Databases>,
        sessions: Arc<Sessions>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        modules: Modules,
    ) -> Self {
        Self {
            hasher,
            databases,
            sessions,
            clock,
            random,
            modules,
        }
    }

    /// Creates a database with its first administrator. The database becomes visible only when it is complete. If
    /// anything fails, the database is dropped.
    pub async fn create_database(
        &self,
        name: &DatabaseName,
        administrator: NewUser,
    ) -> Result<Database, CreateUserError> {
        let least = self.sessions.settings.min_password_length;
        self.judge(&administrator.password, least, administrator.owner(name))
            .await??;
        self.databases.create(name).await?;
        let made = match self.databases.set_up(name).await {
            Ok(database) => self
                .create(&database, administrator)
                .await
                .map(|_| database),
            Err(error) => Err(error.into()),
        };
        let database = match made {
            Ok(database) => database,
            Err(error) => {
                self.databases.discard(name).await?;
                return Err(error);
            }
        };
        self.databases.publish(&database).await?;
        Ok(database)
    }

    /// Creates a user.
    pub async fn create(&self, database: &Database, new: NewUser) -> Result<User, CreateUserError> {
        let least = self.sessions.settings.min_password_length;
        self.judge(&new.password, least, new.owner(database.name()))
            .await??;
        let hash = self.hash(&new.password).await?;
        let mut tx = database.system().await?;
        company::store::lock(&mut tx).await?;
        let given = match &new.password {
            PasswordOrigin::Given(password) => Some(password.duplicate()),
            PasswordOrigin::OneTime(_) => None,
        };
        let user = self.insert(&mut tx, new, &hash).await?;
        // Which policies are for the user is known when the groups and companies are.
        if let Some(given) = given {
            let access = self.sessions.access_of(&mut tx, database, user.id).await?;
            given.check_length(access.settings.min_password_length)?;
        }
        tx.commit().await?;
        Ok(user)
    }

    async fn hash(&self, password: &PasswordOrigin) -> Result<PasswordHash, Overloaded> {
        let (text, _) = password.parts();
        self.hasher.hash(text, &*self.random).await
    }

    /// Inserts a user. The transaction has locked all companies.
    async fn insert(
        &self,
        tx: &mut SystemTx,
        new: NewUser,
        hash: &PasswordHash,
    ) -> Result<User, CreateUserError> {
        let (_, is_one_time) = new.password.parts();
        let now = self.clock.now();
        let id = UserId::new(self.random.id(now));
        let row = NewRow {
            id,
            login: &new.login,
            name: &new.name,
            hash,
            is_one_time,
            role: new.role,
            now,
        };
        if let Some(other) = user::store::find_like(tx, &new.login, None).await? {
            return Err(if LoginKey::of(&other) == new.login.key() {
                CreateUserError::LoginTaken
            } else {
                CreateUserError::LooksLike(other)
            });
        }
        if !user::store::insert(tx, &row).await? {
            return Err(CreateUserError::LoginTaken);
        }
        let user = User {
            id,
            login: new.login.as_str().to_owned(),
            name: new.name,
        };
        if !new.companies.is_empty() {
            set_companies(tx, &user, &new.companies).await?;
        }
        Ok(user)
    }

    /// Adds a user, as a person with the right to create users. The user works for the main company of the person's session, is in
    /// the group `user`, and replaces the returned one-time password at the first log-in.
    pub async fn add(
        &self,
        confirmed: Confirmed<'_>,
        login: Login,
        name: String,
    ) -> Result<Password, AddUserError> {
        let password = Password::one_time(&*self.random);
        let origin = PasswordOrigin::OneTime(password.duplicate());
        let hash = self.hash(&origin).await.map_err(CreateUserError::from)?;
        let mut act = Act::begin(confirmed.caller(), self.clock.now()).await?;
        let companies: Vec<_> = act.actor.main_company().into_iter().collect();
        let known = access::store::read_in(&mut act.tx).await;
        let groups = known.map_err(CreateUserError::from)?.groups;
        let first = groups.iter().find(|group| group.name == access::USER);
        let first: Vec<_> = first.into_iter().map(|group| group.id).collect();
        let covers = act
            .covers(Verb::Create, &first, &companies)
            .await
            .map_err(CreateUserError::from)?;
        if !covers || !act.actor.may_with(Verb::Create, false, &companies) {
            return Err(AddUserError::NoAccess);
        }
        let new = NewUser {
            login,
            name,
            password: origin,
            role: Role::Person,
            companies,
        };
        self.insert(&mut act.tx, new, &hash).await?;
        act.tx.commit().await.map_err(CreateUserError::from)?;
        Ok(password)
    }

    /// All users of a database, by login.
    pub async fn list(&self, database: &Database) -> Result<Vec<UserRecord>, StoreError> {
        let live = session::store::count_by_user(database, self.clock.now()).await?;
        user::store::list(database, &live).await
    }

    /// The users that the caller may see, by login, page by page. `after` is the cursor of the page before. A user who comes or goes
    /// meanwhile moves no other user to another page.
    pub async fn page(
        &self,
        caller: &Caller,
        filter: UserFilter<'_>,
        after: Option<&str>,
    ) -> Result<UserPage, StoreError> {
        // PostgreSQL takes no NUL, and no login and no name has a control character.
        let readable =
            |text: &str| -> String { text.chars().filter(|c| !c.is_control()).collect() };
        let search = readable(filter.search);
        let after = readable(after.unwrap_or_default());
        let leading = match filter.group {
            Some(group) => {
                let known = access::store::list(&caller.database).await?;
                Some(access::leading_to(group, &known))
            }
            None => None,
        };
        let mut tx = caller.transaction().await?;
        let limit = i64::try_from(USERS_ON_PAGE).unwrap_or(i64::MAX);
        let mut found =
            user::store::list_visible(&mut tx, &search, leading.as_deref(), &after, limit + 1)
                .await?;
        let is_last = found.len() <= USERS_ON_PAGE;
        found.truncate(USERS_ON_PAGE);
        let next = found.last().map(|(key, _)| key.clone());
        let users: Vec<_> = found.into_iter().map(|(_, user)| user).collect();
        let own = users.iter().flat_map(|user| user.companies.iter().copied());
        let companies = company::store::names(&mut tx, own.collect()).await?;
        let groups = users.iter().flat_map(|user| user.groups.iter().copied());
        Ok(UserPage {
            groups: access::titles(&caller.database, groups).await,
            companies,
            next: next.filter(|_| !is_last),
            users,
        })
    }

    /// The user with this login, in any spelling.
    pub async fn find(&self, database: &Database, login: &str) -> Result<Option<User>, StoreError> {
        let found = user::store::find_by_login(database, login).await?;
        Ok(found.map(|found| found.user))
    }

    pub(super) async fn judge(
        &self,
        password: &PasswordOrigin,
        minimum: usize,
        owner: PasswordOwner,
    ) -> Result<Result<(), InvalidPassword>, Overloaded> {
        match password {
            PasswordOrigin::Given(password) => self.hasher.judge(password, minimum, owner).await,
            PasswordOrigin::OneTime(_) => Ok(Ok(())),
        }
    }
}

impl NewUser {
    fn owner(&self, database: &DatabaseName) -> PasswordOwner {
        PasswordOwner {
            login: self.login.as_str().to_owned(),
            name: self.name.as_str().to_owned(),
            database: database.clone(),
        }
    }
}

impl PasswordOrigin {
    pub(super) fn parts(&self) -> (&Password, bool) {
        match self {
            Self::Given(password) => (password, false),
            Self::OneTime(password) => (password, true),
        }
    }
}
