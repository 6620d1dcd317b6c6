//! `latchkey user groups` and `set-groups`: the groups that a user is put into.

use clap::Args;
use latchkey_core::account::GroupName;
use serde::Serialize;

use super::{group::find_all, node::Node, who::Who};
use crate::{
    log::neutral,
    output::{self, Form, Row},
    text::text,
};

#[derive(Debug, Args)]
pub(super) struct Groups {
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
pub(super) struct SetGroups {
    #[command(flatten)]
    who: Who,
    /// Group to put the user into; repeat it for several. The user leaves all other groups
    #[arg(long = "group", value_name = "NAME", required = true)]
    groups: Vec<GroupName>,
}

/// Scripts rely on these keys: add to them, never rename.
#[derive(Serialize)]
struct GroupOfUser {
    name: String,
    title: String,
}

impl Row for GroupOfUser {
    fn heads() -> Vec<&'static str> {
        vec![text().head_name(), text().head_title()]
    }

    fn none() -> &'static str {
        text().group_none()
    }

    fn cells(&self) -> Vec<String> {
        vec![self.name.clone(), self.title.clone()]
    }
}

pub(super) fn list(node: &Node, list: &Groups) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, user) = list.who.find(core).await?;
        let own = core.groups.list_of_user(&database, &user).await?;
        let groups = core.groups.list(&database).await?.into_iter();
        let groups = groups.filter(|group| own.contains(&group.id));
        let rows = groups.map(|group| GroupOfUser {
            name: group.name,
            title: group.title,
        });
        output::list(list.form, &rows.collect::<Vec<_>>())
    })
}

pub(super) fn set(node: &Node, set: &SetGroups) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, user) = set.who.find(core).await?;
        let groups = find_all(core, &database, &set.groups).await?;
        core.groups.set_of_user(&database, &user, &groups).await?;
        output::notice(&text().user_groups_set(&neutral(&user.login)));
        Ok(())
    })
}
