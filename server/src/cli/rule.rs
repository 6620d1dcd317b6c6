//! `latchkey rule`: add, list and delete record rules.

use std::collections::HashMap;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use latchkey_core::{
    DisplayedName,
    access::{GroupId, Resource, Rule, Scope, Verb},
    account::{Explanation, GroupName, NewRule, Subject},
    database::DatabaseName,
};
use serde::Serialize;

use super::{
    administer,
    company::{self, parse_name},
    group::{choose, find_all, names_of, parse_resource, parse_verb},
    node::Node,
    who::Who,
};
use crate::{
    log::neutral,
    output::{self, Form, Row},
    text::text,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a rule that limits a right to some rows
    #[command(after_help = ADD_EXAMPLE)]
    Add(Add),
    /// List the rules of a database
    List(List),
    /// Delete a rule
    Delete(Delete),
    /// Say why a user sees another user or a company, or does not
    #[command(after_help = EXPLAIN_EXAMPLE)]
    Explain(Explain),
}

const ADD_EXAMPLE: &str = "\
A rule without --group is for all users, and narrows: all such rules must let a row through. The rules of a user's groups
widen each other: one of them must let a row through, if there is one.

Examples:
  latchkey rule add --database acme --name 'Users of own companies' --resource users --for read --rows allowed_companies
  latchkey rule add --database acme --name 'Desk sees all' --group help_desk --resource users --for read --rows all";

#[derive(Debug, Args)]
pub(super) struct Add {
    /// Database of the rule
    #[arg(long, value_name = "NAME")]
    database: DatabaseName,
    /// Name of the rule, unique in the database
    #[arg(long, value_parser = parse_name)]
    name: DisplayedName,
    /// What the rule is about, such as users
    #[arg(long, value_name = "NAME", value_parser = parse_resource)]
    resource: Resource,
    /// Group whose users the rule is for [default: all users]
    #[arg(long, value_name = "NAME")]
    group: Option<GroupName>,
    /// What the rule is for: read, write, create or delete; repeat it for several
    #[arg(long = "for", value_name = "VERB", value_parser = parse_verb, required = true)]
    verbs: Vec<Verb>,
    #[arg(
        long,
        value_name = "ROWS",
        value_parser = parse_scope,
        help = "Rows that the rule lets through: own, active_companies, allowed_companies or all"
    )]
    rows: Scope,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Database whose rules to list
    #[arg(long, value_name = "NAME")]
    database: DatabaseName,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Delete {
    /// Database of the rule
    #[arg(long, value_name = "NAME")]
    database: DatabaseName,
    /// Name of the rule
    #[arg(long)]
    name: String,
}

const EXPLAIN_EXAMPLE: &str = "\
The answer is for a new session, which works for the default company of the user.

Examples:
  latchkey rule explain --database acme --login bob --user zoe
  latchkey rule explain --database acme --login bob --company North --json";

#[derive(Debug, Args)]
pub(super) struct Explain {
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    form: Form,
}

/// What the user sees or does not see.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct What {
    /// Email or username of the other user
    #[arg(long, value_name = "LOGIN")]
    user: Option<String>,
    /// Name of the company
    #[arg(long, value_name = "NAME", value_parser = parse_name)]
    company: Option<DisplayedName>,
}

/// A line of an explanation. Scripts rely on these keys: add to them, never rename.
#[derive(Serialize)]
struct Reason {
    /// `own`, `right`, `rule` or `result`.
    decides: &'static str,
    name: Option<String>,
    group: Option<String>,
    rows: Option<&'static str>,
    passes: bool,
}

impl Reason {
    fn new(decides: &'static str, passes: bool) -> Self {
        Self {
            decides,
            name: None,
            group: None,
            rows: None,
            passes,
        }
    }

    /// All reasons, and the result at last.
    fn all(explanation: Explanation) -> Vec<Self> {
        let mut reasons = Vec::new();
        if explanation.is_own {
            reasons.push(Self::new("own", true));
        }
        if explanation.rights.is_empty() {
            reasons.push(Self::new("right", false));
        }
        let rights = explanation.rights.into_iter().map(|group| Self {
            group: Some(group.name),
            ..Self::new("right", true)
        });
        reasons.extend(rights);
        let rules = explanation.rules.into_iter();
        let rules = rules.map(|(rule, group, passes)| Self {
            name: Some(rule.name),
            group: group.map(|group| group.name),
            rows: Some(rule.scope.as_str()),
            ..Self::new("rule", passes)
        });
        reasons.extend(rules);
        reasons.push(Self::new("result", explanation.sees));
        reasons
    }
}

impl Row for Reason {
    fn heads() -> Vec<&'static str> {
        let text = text();
        vec![
            text.head_decides(),
            text.head_name(),
            text.head_group(),
            text.head_rows(),
            text.head_passes(),
        ]
    }

    fn none() -> &'static str {
        text().rule_none()
    }

    fn cells(&self) -> Vec<String> {
        let text = text();
        let passes = if self.passes {
            text.rule_passes()
        } else {
            text.rule_passes_not()
        };
        vec![
            self.decides.to_owned(),
            self.name.clone().unwrap_or_default(),
            self.group.clone().unwrap_or_default(),
            self.rows.unwrap_or_default().to_owned(),
            passes.to_owned(),
        ]
    }
}

/// Scripts rely on these keys: add to them, never rename.
#[derive(Serialize)]
struct RuleRow {
    name: String,
    resource: String,
    group: Option<String>,
    #[serde(rename = "for")]
    verbs: Vec<&'static str>,
    rows: &'static str,
}

impl RuleRow {
    fn new(rule: Rule, names: &HashMap<GroupId, String>) -> Self {
        Self {
            name: rule.name,
            resource: rule.resource,
            group: rule.group.and_then(|group| names.get(&group).cloned()),
            verbs: rule.verbs.iter().map(Verb::as_str).collect(),
            rows: rule.scope.as_str(),
        }
    }
}

impl Row for RuleRow {
    fn heads() -> Vec<&'static str> {
        let text = text();
        vec![
            text.head_name(),
            text.head_resource(),
            text.head_group(),
            text.head_for(),
            text.head_rows(),
        ]
    }

    fn none() -> &'static str {
        text().rule_none()
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.resource.clone(),
            self.group.clone().unwrap_or_default(),
            self.verbs.join(" "),
            self.rows.to_owned(),
        ]
    }
}

pub(super) fn run(node: &Node, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Add(add) => self::add(node, &add),
        Command::List(list) => self::list(node, &list),
        Command::Delete(which) => delete(node, &which),
        Command::Explain(explain) => self::explain(node, &explain),
    }
}

fn parse_scope(word: &str) -> Result<Scope, String> {
    word.parse()
        .map_err(|_unknown| choose(Scope::ALL.iter().map(|scope| scope.as_str())))
}

fn add(node: &Node, add: &Add) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let database = administer::open(core, &add.database).await?;
        let group = match &add.group {
            Some(group) => {
                let found = find_all(core, &database, std::slice::from_ref(group)).await?;
                Some(
                    found
                        .first()
                        .copied()
                        .ok_or_else(|| anyhow!("a name was not looked up"))?,
                )
            }
            None => None,
        };
        let new = NewRule {
            name: add.name.clone(),
            resource: add.resource,
            group,
            verbs: add.verbs.iter().copied().collect(),
            scope: add.rows,
        };
        core.groups.add_rule(&database, new).await?;
        output::notice(&text().rule_added(database.name().as_str(), &neutral(add.name.as_str())));
        Ok(())
    })
}

fn list(node: &Node, list: &List) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let database = administer::open(core, &list.database).await?;
        let names = names_of(&core.groups.list(&database).await?);
        let rules = core.groups.list_rules(&database).await?;
        let rows: Vec<_> = rules
            .into_iter()
            .map(|rule| RuleRow::new(rule, &names))
            .collect();
        output::list(list.form, &rows)
    })
}

fn delete(node: &Node, which: &Delete) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let database = administer::open(core, &which.database).await?;
        core.groups
            .delete_rule(&database, which.name.trim())
            .await?;
        output::notice(&text().rule_deleted(&neutral(&which.name)));
        Ok(())
    })
}

fn explain(node: &Node, explain: &Explain) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, user) = explain.who.find(core).await?;
        let explanation = match (&explain.what.user, &explain.what.company) {
            (Some(login), _) => {
                let other = administer::find(core, &database, login).await?;
                let subject = Subject::User(&other);
                core.groups.explain(&database, &user, subject).await?
            }
            (None, Some(name)) => {
                let company = company::find(core, &database, name).await?;
                let subject = Subject::Company(company.id);
                core.groups.explain(&database, &user, subject).await?
            }
            (None, None) => return Err(anyhow!("a name was not looked up")),
        };
        output::list(explain.form, &Reason::all(explanation))
    })
}
