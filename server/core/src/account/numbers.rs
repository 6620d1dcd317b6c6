//! What administrators see at a glance: how much there is in a database.

use time::OffsetDateTime;

use super::activity::AccountActivity;
use crate::{
    StoreError,
    access::{self, Resource, Rows, Verb},
    audit, company,
    session::{self, Caller},
    user,
};

/// The largest number that is counted exactly. A larger number is given as one more than this, so that no page waits for the
/// count of a million rows.
pub const MOST_COUNTED: u32 = 1_000;

/// How much there is in a database; `None` where the caller may not read all rows. Each number is at most
/// `MOST_COUNTED` + 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DatabaseNumbers {
    /// Users, disabled ones too.
    pub users: Option<u32>,
    /// Live sessions of all users.
    pub sessions: Option<u32>,
    /// Companies in use.
    pub companies: Option<u32>,
    /// Groups.
    pub groups: Option<u32>,
    /// Policies.
    pub policies: Option<u32>,
    /// Entries of the audit log since a moment.
    pub changes: Option<u32>,
}

impl AccountActivity {
    /// How much there is in the caller's database, as far as the caller may read all of it. `since` is the beginning of the
    /// time for which changes are counted. For a caller without rights this needs no statement.
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
            let count = session::store::count_all(database, now, MOST_COUNTED + 1);
            numbers.sessions = Some(count.await?);
        }
        if reads_all(Resource::COMPANIES) {
            let count = company::store::count_at_most(database, MOST_COUNTED + 1);
            numbers.companies = Some(count.await?);
        }
        if reads_all(Resource::AUDIT) {
            let count = audit::store::count_since(database, since, MOST_COUNTED + 1);
            numbers.changes = Some(count.await?);
        }
        let (groups, policies) = access::count(database).await;
        numbers.groups = reads_all(Resource::GROUPS).then_some(groups);
        numbers.policies = reads_all(Resource::SETTINGS).then_some(policies);
        Ok(numbers)
    }
}
