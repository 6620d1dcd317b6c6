//! What a person with the rights to groups does to groups and record rules. The rights count as they are when the act happens.

use super::{
    AdministerError, ChangeGroupsError, GroupAbout, GroupName, Groups, NewRule,
    actor::Act,
    administration::changed,
    groups::{delete_in, delete_rule_in, describe_in, set_implied_in, set_rights_in},
    shorten::{PATIENCE, follow},
};
use crate::{
    DisplayedName, StoreError,
    access::{self, Group, GroupId, Resource, Verb, Verbs},
    database::SystemTx,
    session::Confirmed,
};

impl Groups {
    /// Creates a group that implies nothing and may do nothing, as a person.
    pub async fn create_as(
        &self,
        confirmed: Confirmed<'_>,
        name: &GroupName,
        title: &DisplayedName,
        about: &GroupAbout,
    ) -> Result<GroupId, AdministerError> {
        let mut act = Act::begin(confirmed.caller(), self.clock.now()).await?;
        act.need(Verb::Create, Resource::GROUPS)?;
        let id = self.create_in(&mut act.tx, name, title, about).await?;
        act.tx.commit().await?;
        Ok(id)
    }

    /// Gives a group another name for people, and another text of what the group is for, as a person.
    pub async fn describe_as(
        &self,
        confirmed: Confirmed<'_>,
        id: GroupId,
        title: &DisplayedName,
        about: &GroupAbout,
    ) -> Result<(), AdministerError> {
        let mut act = Act::begin(confirmed.caller(), self.clock.now()).await?;
        act.need(Verb::Write, Resource::GROUPS)?;
        describe_in(&mut act.tx, id, title, about).await?;
        Ok(act.tx.commit().await?)
    }

    /// Deletes a group, as a person. `typed` is the group's technical name, which the person has typed to confirm.
    pub async fn delete_as(
        &self,
        confirmed: Confirmed<'_>,
        id: GroupId,
        typed: &str,
    ) -> Result<(), AdministerError> {
        let mut act = Act::begin_on_all(confirmed.caller(), self.clock.now()).await?;
        act.need(Verb::Delete, Resource::GROUPS)?;
        let group = find(&mut act.tx, id).await?;
        let group = group.ok_or(AdministerError::NotFound)?;
        if group.name != typed.trim() {
            return Err(AdministerError::OtherName);
        }
        delete_in(&mut act.tx, id).await?;
        Ok(act.tx.commit().await?)
    }

    /// Makes a group imply these groups instead of those that were `shown`, as a person. A group that is among neither stays as it
    /// is: the page may be older than another change.
    pub async fn set_implied_as(
        &self,
        confirmed: Confirmed<'_>,
        id: GroupId,
        shown: &[GroupId],
        implied: &[GroupId],
    ) -> Result<(), AdministerError> {
        let caller = confirmed.caller();
        let mut act = Act::begin_on_all(caller, self.clock.now()).await?;
        act.need(Verb::Write, Resource::GROUPS)?;
        let group = find(&mut act.tx, id).await?;
        let group = group.ok_or(ChangeGroupsError::Gone)?;
        let implied = changed(&group.implies, shown, implied);
        set_implied_in(&mut act.tx, id, &implied).await?;
        act.tx.commit().await?;
        follow(&caller.database, &self.clock, None, PATIENCE).await;
        Ok(())
    }

    /// Gives a group these rights instead of those that were `shown`, as a person. A right that is among neither stays as it is.
    pub async fn set_rights_as(
        &self,
        confirmed: Confirmed<'_>,
        id: GroupId,
        shown: &[(Resource, Verb)],
        rights: &[(Resource, Verb)],
    ) -> Result<(), AdministerError> {
        let mut act = Act::begin(confirmed.caller(), self.clock.now()).await?;
        act.need(Verb::Write, Resource::GROUPS)?;
        let group = find(&mut act.tx, id).await?;
        let group = group.ok_or(ChangeGroupsError::Gone)?;
        let rights = changed_rights(&group, shown, rights);
        set_rights_in(&mut act.tx, id, &rights).await?;
        Ok(act.tx.commit().await?)
    }

    /// Adds a record rule, as a person.
    pub async fn add_rule_as(
        &self,
        confirmed: Confirmed<'_>,
        new: NewRule,
    ) -> Result<(), AdministerError> {
        let mut act = Act::begin(confirmed.caller(), self.clock.now()).await?;
        act.need(Verb::Write, Resource::GROUPS)?;
        self.add_rule_in(&mut act.tx, new).await?;
        Ok(act.tx.commit().await?)
    }

    /// Deletes the record rule of this name, as a person.
    pub async fn delete_rule_as(
        &self,
        confirmed: Confirmed<'_>,
        name: &str,
    ) -> Result<(), AdministerError> {
        let mut act = Act::begin(confirmed.caller(), self.clock.now()).await?;
        act.need(Verb::Write, Resource::GROUPS)?;
        delete_rule_in(&mut act.tx, name).await?;
        Ok(act.tx.commit().await?)
    }
}

async fn find(tx: &mut SystemTx, id: GroupId) -> Result<Option<Group>, StoreError> {
    let groups = access::store::read_in(tx).await?.groups;
    Ok(groups.into_iter().find(|group| group.id == id))
}

/// The rights of a group to the resources that a person was shown or has chosen, after the person's change.
fn changed_rights(
    group: &Group,
    shown: &[(Resource, Verb)],
    chosen: &[(Resource, Verb)],
) -> Vec<(Resource, Verbs)> {
    let mut resources: Vec<_> = shown.iter().chain(chosen).map(|(of, _)| *of).collect();
    resources.sort_unstable_by_key(|resource| resource.as_str());
    resources.dedup();
    let rights = resources.into_iter().map(|resource| {
        let verbs = group.verbs(resource);
        let old: Vec<_> = verbs.iter().map(|verb| (resource, verb)).collect();
        let changed = changed(&old, shown, chosen).into_iter();
        let verbs = changed.filter(|(of, _)| *of == resource);
        (resource, verbs.map(|(_, verb)| verb).collect())
    });
    rights.collect()
}
