//! `latchkey group`: add, list and change groups and their rights.

use std::collections::HashMap;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use latchkey_core::{
    Core, DisplayedName,
    access::{Group, GroupId, Resource, Verb, Verbs},
    account::{GroupAbout, GroupName},
    database::{Database, DatabaseName},
};
use serde::Serialize;

use super::{administer, company::parse_name, node::Node};
use crate::{
    log::neutral,
    output::{self, Form, Row},
    text::text,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a group that implies nothing and may do nothing
    #[command(after_help = ADD_EXAMPLE)]
    Add(Add),
    /// List the groups of a database, with what they imply and may do
    List(List),
    /// Set the groups that a group implies: its users are in these groups, too
    SetImplied(SetImplied),
    /// Set what a group may do with the rows of a resource
    SetRight(SetRight),
    /// Give a group another name for people, and another text of what the group is for
    Describe(Describe),
    /// Delete a group
    Delete(Which),
}

const ADD_EXAMPLE: &str = "\
Examples:
  latchkey group add --database acme --name help_desk --title 'Help desk'
  latchkey group set-right --database acme --group help_desk --resource users --may read --may write
  latchkey user set-groups --database acme --login bob@example.com --group user --group help_desk";

#[derive(Debug, Args)]
pub(super) struct Add {
    /// Database of the group
    #[arg(long, value_name = "NAME")]
    database: DatabaseName,
    /// Technical name of the group: small letters, digits, '_' and '.'
    #[arg(long)]
    name: GroupName,
    /// Name of the group for people
    #[arg(long, value_parser = parse_name)]
    title: DisplayedName,
    /// What the group is for, in at most 500 characters
    #[arg(long, default_value = "")]
    about: GroupAbout,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Database whose groups to list
    #[arg(long, value_name = "NAME")]
    database: DatabaseName,
    #[command(flatten)]
    form: Form,
}

/// One group.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Database of the group
    #[arg(long, value_name = "NAME")]
    database: DatabaseName,
    /// Technical name of the group
    #[arg(long, value_name = "NAME")]
    group: GroupName,
}

#[derive(Debug, Args)]
pub(super) struct Describe {
    #[command(flatten)]
    which: Which,
    /// Name of the group for people
    #[arg(long, value_parser = parse_name)]
    title: DisplayedName,
    /// What the group is for, in at most 500 characters
    #[arg(long, default_value = "")]
    about: GroupAbout,
}

#[derive(Debug, Args)]
pub(super) struct SetImplied {
    #[command(flatten)]
    which: Which,
    /// Group that the group implies; repeat it for several [default: none]
    #[arg(long = "implies", value_name = "NAME")]
    implied: Vec<GroupName>,
}

#[derive(Debug, Args)]
pub(super) struct SetRight {
    #[command(flatten)]
    which: Which,
    /// What the right is about, such as users
    #[arg(long, value_name = "NAME", value_parser = parse_resource)]
    resource: Resource,
    /// What the group may do: read, write, create or delete; repeat it for several [default: nothing]
    #[arg(long = "may", value_name = "VERB", value_parser = parse_verb)]
    verbs: Vec<Verb>,
}

/// Scripts rely on these keys: add to them, never rename.
#[derive(Serialize)]
struct GroupRow {
    name: String,
    title: String,
    about: String,
    is_built_in: bool,
    implies: Vec<String>,
    rights: Vec<RightRow>,
    users: u32,
}

/// What a group may do with the rows of a resource.
#[derive(Serialize)]
struct RightRow {
    resource: String,
    may: Vec<&'static str>,
}

impl Row for GroupRow {
    fn heads() -> Vec<&'static str> {
        let text = text();
        vec![
            text.head_name(),
            text.head_title(),
            text.head_implies(),
            text.head_rights(),
            text.head_users(),
        ]
    }

    fn none() -> &'static str {
        text().group_none()
    }

    fn cells(&self) -> Vec<String> {
        let right = |right: &RightRow| format!("{}: {}", right.resource, right.may.join(" "));
        let rights: Vec<_> = self.rights.iter().map(right).collect();
        vec![
            self.name.clone(),
            self.title.clone(),
            self.implies.join(" "),
            rights.join(", "),
            self.users.to_string(),
        ]
    }
}

pub(super) fn run(node: &Node, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Add(add) => self::add(node, &add),
        Command::List(list) => self::list(node, &list),
        Command::SetImplied(set) => set_implied(node, &set),
        Command::SetRight(set) => set_right(node, &set),
        Command::Describe(describe) => self::describe(node, &describe),
        Command::Delete(which) => delete(node, &which),
    }
}

pub(super) fn parse_verb(word: &str) -> Result<Verb, String> {
    word.parse()
        .map_err(|_unknown| choose(Verb::ALL.iter().map(|verb| verb.as_str())))
}

pub(super) fn parse_resource(name: &str) -> Result<Resource, String> {
    Resource::from_name(name).ok_or_else(|| choose(Resource::ALL.map(Resource::as_str)))
}

/// What an administrator reads instead of an unknown word: "choose read, write, create or delete".
pub(super) fn choose(words: impl IntoIterator<Item = &'static str>) -> String {
    let words: Vec<_> = words.into_iter().collect();
    match words.as_slice() {
        [most @ .., last] if !most.is_empty() => {
            format!("choose {} or {last}", most.join(", "))
        }
        _ => format!("choose {}", words.concat()),
    }
}

/// The ids of groups, in the same order.
pub(super) async fn find_all(
    core: &Core,
    database: &Database,
    names: &[GroupName],
) -> anyhow::Result<Vec<GroupId>> {
    let groups = core.groups.list(database).await?;
    let find = |name: &GroupName| {
        let found = groups.iter().find(|group| group.name == name.as_str());
        found
            .map(|group| group.id)
            .ok_or_else(|| anyhow!(text().group_unknown(database.name().as_str(), name.as_str())))
    };
    names.iter().map(find).collect()
}

impl Which {
    async fn find(&self, core: &Core) -> anyhow::Result<(Database, GroupId)> {
        let database = administer::open(core, &self.database).await?;
        let found = find_all(core, &database, std::slice::from_ref(&self.group)).await?;
        let group = found.first().copied();
        group
            .map(|group| (database, group))
            .ok_or_else(|| anyhow!("a name was not looked up"))
    }
}

fn add(node: &Node, add: &Add) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let database = administer::open(core, &add.database).await?;
        core.groups
            .create(&database, &add.name, &add.title, &add.about)
            .await?;
        output::notice(&text().group_added(database.name().as_str(), add.name.as_str()));
        Ok(())
    })
}

fn list(node: &Node, list: &List) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let database = administer::open(core, &list.database).await?;
        let groups = core.groups.list(&database).await?;
        let users = core.groups.count_users(&database, &groups).await?;
        let names = names_of(&groups);
        let row = |group: Group| {
            let users = users.get(&group.id).copied().unwrap_or_default();
            row(group, users, &names)
        };
        let rows: Vec<_> = groups.into_iter().map(row).collect();
        output::list(list.form, &rows)
    })
}

/// The technical names of groups.
pub(super) fn names_of(groups: &[Group]) -> HashMap<GroupId, String> {
    let names = groups.iter().map(|group| (group.id, group.name.clone()));
    names.collect()
}

fn row(group: Group, users: u32, names: &HashMap<GroupId, String>) -> GroupRow {
    let implies = group.implies.iter().filter_map(|id| names.get(id).cloned());
    let rights = group.rights.into_iter().map(|(resource, verbs)| RightRow {
        resource,
        may: verbs.iter().map(Verb::as_str).collect(),
    });
    GroupRow {
        implies: implies.collect(),
        rights: rights.filter(|right| !right.may.is_empty()).collect(),
        name: group.name,
        title: group.title,
        about: group.about,
        is_built_in: group.is_built_in,
        users,
    }
}

fn set_implied(node: &Node, set: &SetImplied) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, group) = set.which.find(core).await?;
        let implied = find_all(core, &database, &set.implied).await?;
        core.groups.set_implied(&database, group, &implied).await?;
        output::notice(&text().group_changed(set.which.group.as_str()));
        Ok(())
    })
}

fn set_right(node: &Node, set: &SetRight) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, group) = set.which.find(core).await?;
        let verbs: Verbs = set.verbs.iter().copied().collect();
        core.groups
            .set_right(&database, group, set.resource, verbs)
            .await?;
        output::notice(&text().group_changed(set.which.group.as_str()));
        Ok(())
    })
}

fn describe(node: &Node, describe: &Describe) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, group) = describe.which.find(core).await?;
        core.groups
            .describe(&database, group, &describe.title, &describe.about)
            .await?;
        output::notice(&text().group_changed(describe.which.group.as_str()));
        Ok(())
    })
}

fn delete(node: &Node, which: &Which) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, group) = which.find(core).await?;
        core.groups.delete(&database, group).await?;
        output::notice(&text().group_deleted(&neutral(which.group.as_str())));
        Ok(())
    })
}
