//! The numbers on Home for people with rights: users, live sessions, companies, groups, policies, entries of the audit log.

pub use latchkey_words::{DatabaseNumbers, MOST_COUNTED};
use time::OffsetDateTime;

use super::activity::AccountActivity;
use crate::{
    StoreError,
    access::{self, Resource, Rows, Verb},
    audit, company,
    session::{self, Caller},
    user,
};

impl AccountActivity {
    /// The numbers of the caller's database. Entries of the audit log are counted from `since` on. For a caller without rights this
    /// needs no statement.
    pub async fn numbers(
        &self,
        caller: &Caller,
        since: OffsetDateTime,
    ) -> Result<DatabaseNumbers, StoreError> {
        let database = &caller.database;
        let reads_all = |resource| caller.rights.rows(Verb::Read, resource) == Rows::ALL;
        let mut numbers = DatabaseNumbers::default();
        if reads_all(Resource::USERS) {
            numbers.users = Some(user::store::count_at_most(database, MOST_COUNTED + 1).await?);
        }
        if reads_all(Resource::SESSIONS) {
            let now = self.clock.now();
            let count = session::store::count_live_of_all(database, now, MOST_COUNTED + 1);
            numbers.sessions = Some(count.await?);
        }
        if reads_all(Resource::COMPANIES) {
            let count = company::store::count_in_use_at_most(database, MOST_COUNTED + 1);
            numbers.companies = Some(count.await?);
        }
        if reads_all(Resource::AUDIT) {
            let count = audit::store::count_since(database, since, MOST_COUNTED + 1);
            numbers.audit_entries = Some(count.await?);
        }
        let (groups, policies) = access::count(database).await;
        numbers.groups = reads_all(Resource::GROUPS).then_some(groups);
        numbers.policies = reads_all(Resource::SETTINGS).then_some(policies);
        Ok(numbers)
    }
}
