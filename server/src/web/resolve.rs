//! Finds the database of a request.

use latchkey_app::request::Visitor;
use latchkey_core::{
    Core, StoreError,
    database::{Database, DatabaseName, DatabaseNames, Databases, OpenDatabaseError},
    session::Resumed,
    settings::Listed,
};
use tokio::sync::OnceCell;

use super::cookies::RequestCookies;

/// The database of a request, and the names that were looked up to find it.
pub(super) struct Resolved {
    /// The database's name: the request's layers see the session cookie of this database.
    pub name: Option<DatabaseName>,
    /// The database; `None` if there is no database of that name.
    pub database: Option<Database>,
    pub visible: OnceCell<DatabaseNames>,
}

impl Resolved {
    pub fn nothing() -> Self {
        Self {
            name: None,
            database: None,
            visible: OnceCell::new(),
        }
    }

    fn found(database: Option<Database>, visible: OnceCell<DatabaseNames>) -> Self {
        Self {
            name: database.as_ref().map(|database| database.name().clone()),
            database,
            visible,
        }
    }
}

/// Finds the request's database. Where names are hidden, only the cookies decide the name.
pub(super) async fn resolve(
    core: &Core,
    cookies: &RequestCookies,
    host: &str,
) -> Result<Resolved, StoreError> {
    match core.databases.listed() {
        Listed::Yes => resolve_listed(core, cookies, host).await,
        Listed::No => resolve_hidden(core, cookies, host).await,
    }
}

/// The choice cookie's database, else the database that the browser is logged in to, else the only database
/// that the host may see. A database that cannot be opened is skipped.
async fn resolve_listed(
    core: &Core,
    cookies: &RequestCookies,
    host: &str,
) -> Result<Resolved, StoreError> {
    let databases = &core.databases;
    let visible = OnceCell::new();
    let list = || visible.get_or_try_init(|| databases.visible(host));
    for name in cookies.chosen.iter().chain(cookies.databases()) {
        // The names are listed once, so any number of invented names costs no more than none.
        if !databases.is_known(name).await && !list().await?.contains(name) {
            continue;
        }
        if let Some(database) = usable(databases, name, host).await? {
            return Ok(Resolved::found(Some(database), visible));
        }
    }
    let database = match &**list().await? {
        [only] => usable(databases, only, host).await?,
        _ => None,
    };
    Ok(Resolved::found(database, visible))
}

/// The database named in the choice cookie, else in the first session cookie, whether or not it exists.
/// Trying the next name would reveal that the first database does not exist.
async fn resolve_hidden(
    core: &Core,
    cookies: &RequestCookies,
    host: &str,
) -> Result<Resolved, StoreError> {
    let databases = &core.databases;
    let visible = OnceCell::new();
    let list = || visible.get_or_try_init(|| databases.visible(host));
    let named = cookies.named();
    if let Some(name) = named {
        let may_be_there = databases.is_known(name).await || list().await?.contains(name);
        if may_be_there && let Some(database) = usable(databases, name, host).await? {
            return Ok(Resolved::found(Some(database), visible));
        }
        if cookies.databases().any(|database| database == name) {
            core.sessions.resume_in_no_database().await?;
        }
    }
    if let [only] = &**list().await? {
        let database = usable(databases, only, host).await?;
        return Ok(Resolved::found(database, visible));
    }
    Ok(Resolved {
        name: named.cloned(),
        database: None,
        visible,
    })
}

/// Opens a database; `None` if it cannot be used.
async fn usable(
    databases: &Databases,
    name: &DatabaseName,
    host: &str,
) -> Result<Option<Database>, StoreError> {
    match databases.open(name, host).await {
        Ok(database) => Ok(Some(database)),
        Err(OpenDatabaseError::Unknown) => Ok(None),
        Err(OpenDatabaseError::Broken(error)) => {
            databases.tell_broken(name, &error);
            Ok(None)
        }
        Err(OpenDatabaseError::Store(error)) => {
            databases.tell_unavailable(name, &error);
            Err(error)
        }
    }
}

/// Makes a stranger's request to an open database cost as many statements as a request to a name of no
/// database, for which the server has to look. Only where names are hidden.
pub(super) async fn hide_names(visitor: &Visitor) {
    let databases = &visitor.core.databases;
    if databases.listed() == Listed::No && !matches!(visitor.resumed, Ok(Resumed::Live(_))) {
        // An error is ignored here: the code that needs the names reports it.
        let list = || databases.visible(&visitor.host);
        let _ = visitor.visible.get_or_try_init(list).await;
    }
}
