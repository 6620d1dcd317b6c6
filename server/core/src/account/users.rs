//! Creates and lists users.

use std::sync::Arc;

use super::companies::{SetCompaniesError, set_companies};
use crate::{
    StoreError,
    clock::Clock,
    company::{self, CompanyId},
    database::{CreateDatabaseError, Database, DatabaseName, Databases},
    module::Modules,
    random::Random,
    session::{self, Sessions},
    user::{
        self, InvalidLogin, InvalidPassword, Login, LoginKey, Overloaded, Password, PasswordHasher,
        PasswordOwner, Role, User, UserId, UserRecord, store::NewRow,
    },
};

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
        self.judge(&administrator.password, administrator.owner(name))
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
        self.judge(&new.password, new.owner(database.name()))
            .await??;
        let (password, is_one_time) = new.password.parts();
        let hash = self.hasher.hash(password, &*self.random).await?;
        let now = self.clock.now();
        let id = UserId::new(self.random.id(now));
        let row = NewRow {
            id,
            login: &new.login,
            name: &new.name,
            hash: &hash,
            is_one_time,
            role: new.role,
            now,
        };
        let mut tx = database.system().await?;
        company::store::lock(&mut tx).await?;
        if let Some(other) = user::store::find_like(&mut tx, &new.login, None).await? {
            return Err(if LoginKey::of(&other) == new.login.key() {
                CreateUserError::LoginTaken
            } else {
                CreateUserError::LooksLike(other)
            });
        }
        if !user::store::insert(&mut tx, &row).await? {
            return Err(CreateUserError::LoginTaken);
        }
        let user = User {
            id,
            login: new.login.as_str().to_owned(),
            name: new.name,
        };
        if !new.companies.is_empty() {
            set_companies(&mut tx, &user, &new.companies).await?;
        }
        tx.commit().await?;
        Ok(user)
    }

    /// All users of a database, by login.
    pub async fn list(&self, database: &Database) -> Result<Vec<UserRecord>, StoreError> {
        let live = session::store::count_by_user(database, self.clock.now()).await?;
        user::store::list(database, &live).await
    }

    /// The user with this login, in any spelling.
    pub async fn find(&self, database: &Database, login: &str) -> Result<Option<User>, StoreError> {
        let found = user::store::find_by_login(database, login).await?;
        Ok(found.map(|found| found.user))
    }

    pub(super) async fn judge(
        &self,
        password: &PasswordOrigin,
        owner: PasswordOwner,
    ) -> Result<Result<(), InvalidPassword>, Overloaded> {
        match password {
            PasswordOrigin::Given(password) => self.hasher.judge(password, owner).await,
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
