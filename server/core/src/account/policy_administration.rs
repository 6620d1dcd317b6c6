//! What a person with the right to write settings does to policies. The right counts as it is when the act happens.

use tokio::time::timeout;

use super::{AdministerError, Policies, PolicyImpact, actor::Act, shorten::PATIENCE};
use crate::{
    access::{self, Policy, Resource, Verb},
    session::Confirmed,
};

impl Policies {
    /// Sets a policy, as a person. Returns what it ends at once.
    pub async fn set_as(
        &self,
        confirmed: Confirmed<'_>,
        policy: Policy,
    ) -> Result<PolicyImpact, AdministerError> {
        self.check(policy)?;
        let caller = confirmed.caller();
        let act = Act::begin_on_all(caller, self.clock.now()).await?;
        act.need(Verb::Write, Resource::SETTINGS)?;
        Ok(self
            .set_in(act.tx, &caller.database, policy, PATIENCE)
            .await?)
    }

    /// Deletes a policy that still has this value, as a person.
    pub async fn clear_as(
        &self,
        confirmed: Confirmed<'_>,
        policy: Policy,
    ) -> Result<(), AdministerError> {
        let mut act = Act::begin_on_all(confirmed.caller(), self.clock.now()).await?;
        act.need(Verb::Write, Resource::SETTINGS)?;
        let Policy {
            level,
            setting,
            value,
        } = policy;
        let former = access::store::delete_policy(&mut act.tx, level, setting, Some(value)).await?;
        if former.is_none() {
            return Err(AdministerError::NotFound);
        }
        let database = &confirmed.caller().database;
        act.tx.commit().await?;
        let longer = self.lengthen_rows(database, setting, value);
        let _ = timeout(PATIENCE, longer).await;
        Ok(())
    }
}
