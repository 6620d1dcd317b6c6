//! Lists the audit log, and tells PostgreSQL who acts.

use crate::{
    StoreError, access,
    audit::{self, AuditActor, AuditEntry, AuditSubject, store::Wanted},
    database::{Database, SystemTx},
    session::Caller,
};

/// The number of entries on a page.
const PAGE: usize = 50;

/// The entries that a list has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Entries about this kind of subject; `None`: about all kinds.
    pub subject: Option<AuditSubject>,
    /// A part of the subject's name, of a group's name for people, or of the login of the person who acted, in any case. An empty text
    /// finds all.
    pub search: String,
}

/// The service of the audit log.
pub struct AuditLog;

/// A page of the audit log.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// The entries, the newest first.
    pub entries: Vec<AuditEntry>,
    /// The number of the last entry, if there are older ones.
    pub older: Option<i64>,
}

impl AuditLog {
    /// The entries that the caller may see and that are older than the entry `before`.
    pub async fn page(
        &self,
        caller: &Caller,
        filter: &AuditFilter,
        before: Option<i64>,
    ) -> Result<AuditPage, StoreError> {
        let mut entries = self.newest(caller, filter, before, PAGE + 1).await?;
        let has_older = entries.len() > PAGE;
        entries.truncate(PAGE);
        let last = entries.last().map(|entry| entry.id);
        Ok(AuditPage {
            entries,
            older: last.filter(|_| has_older),
        })
    }

    /// The same, as many as `most`.
    pub async fn newest(
        &self,
        caller: &Caller,
        filter: &AuditFilter,
        before: Option<i64>,
        most: usize,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let wanted = filter.wanted(&caller.database).await?;
        let mut tx = caller.transaction().await?;
        audit::store::list_visible(&mut tx, &wanted, before, limit).await
    }

    /// The newest entries of a database, for an administrator on the server.
    pub async fn list(
        &self,
        database: &Database,
        filter: &AuditFilter,
        most: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let wanted = filter.wanted(database).await?;
        audit::store::list_all(database, &wanted, most.into()).await
    }
}

impl AuditFilter {
    /// The entries to look for. Entries have the technical names of groups; people know the other ones.
    async fn wanted(&self, database: &Database) -> Result<Wanted<'_>, StoreError> {
        let search = self.readable_search();
        let groups = if search.is_empty() {
            Vec::new()
        } else {
            access::store::list(database).await?
        };
        let lower = search.to_lowercase();
        let groups = groups
            .into_iter()
            .filter(|group| group.title.to_lowercase().contains(&lower))
            .map(|group| group.name);
        Ok(Wanted {
            subjects: self.subjects(),
            groups: groups.collect(),
            search,
        })
    }

    fn subjects(&self) -> &[AuditSubject] {
        let one = self.subject.as_ref();
        one.map_or(AuditSubject::ALL, std::slice::from_ref)
    }

    /// PostgreSQL takes no NUL, and no login and no name has a control character.
    fn readable_search(&self) -> String {
        self.search.chars().filter(|c| !c.is_control()).collect()
    }
}

/// Tells a transaction that the caller acts, so that its entries name the caller.
pub(super) async fn tell(tx: &mut SystemTx, caller: &Caller) -> Result<(), StoreError> {
    let actor = AuditActor {
        user: caller.user.id,
        login: caller.user.login.clone(),
        session: caller.session.id,
        address: caller.client.address,
        agent: caller.client.agent.clone(),
    };
    audit::store::tell(tx, &actor).await
}
