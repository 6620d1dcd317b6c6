//! What a person with the rights to groups does to groups and record rules. The rights count as they are when the act happens.

use super::{
    AdministerError, GroupAbout, GroupName, Groups, NewRule,
    actor::Act,
    groups::{delete_in, delete_rule_in, set_implied_in, set_rights_in},
};
use crate::{
    DisplayedName,
    access::{self, GroupId, Resource, Verb, Verbs},
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

    /// Deletes a group, as a person. `typed` is the group's technical name, which the person has typed to confirm.
    pub async fn delete_as(
        &self,
        confirmed: Confirmed<'_>,
        id: GroupId,
        typed: &str,
    ) -> Result<(), AdministerError> {
        let mut act = Act::begin_on_all(confirmed.caller(), self.clock.now()).await?;
        act.need(Verb::Delete, Resource::GROUPS)?;
        let (_, groups, _) = access::store::read_in(&mut act.tx).await?;
        let group = groups.into_iter().find(|group| group.id == id);
        let group = group.ok_or(AdministerError::NotFound)?;
        if group.name != typed.trim() {
            return Err(AdministerError::OtherName);
        }
        delete_in(&mut act.tx, id).await?;
        Ok(act.tx.commit().await?)
    }

    /// Sets the groups that a group implies, as a person.
    pub async fn set_implied_as(
        &self,
        confirmed: Confirmed<'_>,
        id: GroupId,
        implied: &[GroupId],
    ) -> Result<(), AdministerError> {
        let mut act = Act::begin_on_all(confirmed.caller(), self.clock.now()).await?;
        act.need(Verb::Write, Resource::GROUPS)?;
        set_implied_in(&mut act.tx, id, implied).await?;
        Ok(act.tx.commit().await?)
    }

    /// Sets what a group may do with the rows of these resources, as a person.
    pub async fn set_rights_as(
        &self,
        confirmed: Confirmed<'_>,
        id: GroupId,
        rights: &[(Resource, Verbs)],
    ) -> Result<(), AdministerError> {
        let mut act = Act::begin(confirmed.caller(), self.clock.now()).await?;
        act.need(Verb::Write, Resource::GROUPS)?;
        set_rights_in(&mut act.tx, id, rights).await?;
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
