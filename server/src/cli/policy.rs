//! `latchkey policy`: make settings of sessions stricter for a database, a company or a group.

use std::collections::HashMap;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use latchkey_core::{
    Core, DisplayedName,
    access::{Policy, PolicyLevel, PolicySetting},
    account::{EffectiveSetting, GroupName, PolicyForecast},
    database::{Database, DatabaseName},
};
use serde::Serialize;

use super::{
    administer,
    company::{self, parse_name},
    group::{self, choose},
    node::Node,
    policy_value::{parse_value, shown},
    who::Who,
};
use crate::{
    log::neutral,
    output::{self, Form, Row},
    text::text,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a setting stricter than the configuration file does
    #[command(after_help = SET_EXAMPLE)]
    Set(Set),
    /// Delete a policy
    Clear(Which),
    /// List the policies of a database
    List(List),
    /// Say what holds for a user, and where each value comes from
    Explain(Explain),
}

const SET_EXAMPLE: &str = "\
Without --company and --group a policy is for all users of the database. Of several values for a user, the strictest counts.

Examples:
  latchkey policy set --database acme --setting idle_timeout --value 4h
  latchkey policy set --database acme --group warehouse --setting idle_timeout --value 15min --try-out
  latchkey policy set --database acme --company 'Acme North' --setting max_sessions --value 3
  latchkey policy set --database acme --group warehouse --setting shared_computer --value always";

/// One setting of one level.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Database of the policy
    #[arg(long, value_name = "NAME")]
    database: DatabaseName,
    /// Company whose users the policy is for [default: all users]
    #[arg(long, value_name = "NAME", value_parser = parse_name, conflicts_with = "group")]
    company: Option<DisplayedName>,
    /// Group whose users the policy is for [default: all users]
    #[arg(long, value_name = "NAME")]
    group: Option<GroupName>,
    #[arg(
        long,
        value_name = "SETTING",
        value_parser = parse_setting,
        help = "idle_timeout, absolute_timeout, shared_idle_timeout, confirmation_timeout, max_sessions, shared_computer, min_password_length or refuse_log_in"
    )]
    setting: PolicySetting,
}

#[derive(Debug, Args)]
pub(super) struct Set {
    #[command(flatten)]
    which: Which,
    /// Value: a time such as 90s, 15min, 12h or 7d; for a number of sessions or characters a number; for a switch always
    #[arg(long)]
    value: String,
    /// Say how many sessions would end at once, and change nothing
    #[arg(long)]
    try_out: bool,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Database whose policies to list
    #[arg(long, value_name = "NAME")]
    database: DatabaseName,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    form: Form,
}

/// Scripts rely on these keys: add to them, never rename. `value` is in seconds, a number, or 1 for `always`.
#[derive(Serialize)]
struct PolicyRow {
    setting: &'static str,
    value: u32,
    level: &'static str,
    /// The technical name of the group, or the name of the company.
    name: Option<String>,
    #[serde(skip)]
    shown: String,
}

/// Scripts rely on these keys: add to them, never rename. Values are in seconds, numbers, or 1 for `always`; `null`:
/// no limit, or as the person says at log-in.
#[derive(Serialize)]
struct EffectiveRow {
    setting: &'static str,
    value: Option<u32>,
    /// `configuration`, or the level of the policy.
    from: &'static str,
    name: Option<String>,
    configured: Option<u32>,
    policies: Vec<PolicyRow>,
    #[serde(skip)]
    shown: [String; 2],
}

impl Row for PolicyRow {
    fn heads() -> Vec<&'static str> {
        let text = text();
        vec![text.head_setting(), text.head_value(), text.head_from()]
    }

    fn none() -> &'static str {
        text().policy_none()
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.setting.to_owned(),
            self.shown.clone(),
            place(self.level, self.name.as_deref()),
        ]
    }
}

impl Row for EffectiveRow {
    fn heads() -> Vec<&'static str> {
        let text = text();
        vec![
            text.head_setting(),
            text.head_value(),
            text.head_from(),
            text.head_others(),
        ]
    }

    fn none() -> &'static str {
        text().policy_none()
    }

    fn cells(&self) -> Vec<String> {
        let [value, configured] = &self.shown;
        let is_other = |row: &&PolicyRow| (row.level, &row.name) != (self.from, &self.name);
        let others = self.policies.iter().filter(is_other);
        let others =
            others.map(|row| [&row.shown, " ", &place(row.level, row.name.as_deref())].concat());
        let file = (self.from != CONFIGURATION).then(|| [configured, " ", CONFIGURATION].concat());
        let others: Vec<_> = others.chain(file).collect();
        vec![
            self.setting.to_owned(),
            value.clone(),
            place(self.from, self.name.as_deref()),
            others.join(", "),
        ]
    }
}

/// The word for the configuration file as the source of a value.
const CONFIGURATION: &str = "configuration";

/// "group warehouse", "database".
fn place(level: &str, name: Option<&str>) -> String {
    match name {
        Some(name) => [level, " ", name].concat(),
        None => level.to_owned(),
    }
}

pub(super) fn run(node: &Node, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Set(set) => self::set(node, &set),
        Command::Clear(which) => clear(node, &which),
        Command::List(list) => self::list(node, &list),
        Command::Explain(explain) => self::explain(node, &explain),
    }
}

fn parse_setting(word: &str) -> Result<PolicySetting, String> {
    let words = || PolicySetting::ALL.iter().map(|setting| setting.as_str());
    word.parse().map_err(|_unknown| choose(words()))
}

impl Which {
    async fn find(&self, core: &Core) -> anyhow::Result<(Database, PolicyLevel)> {
        let database = administer::open(core, &self.database).await?;
        let level = if let Some(group) = &self.group {
            let groups = group::find_all(core, &database, std::slice::from_ref(group)).await?;
            groups.first().copied().map(PolicyLevel::Group)
        } else if let Some(name) = &self.company {
            let company = company::find(core, &database, name).await?;
            Some(PolicyLevel::Company(company.id))
        } else {
            Some(PolicyLevel::Database)
        };
        let level = level.ok_or_else(|| anyhow!("a name was not looked up"))?;
        Ok((database, level))
    }

    /// The level as the person has named it.
    fn place(&self) -> String {
        match (&self.group, &self.company) {
            (Some(group), _) => place("group", Some(group.as_str())),
            (None, Some(company)) => place("company", Some(&neutral(company.as_str()))),
            (None, None) => place("database", Some(self.database.as_str())),
        }
    }
}

fn set(node: &Node, set: &Set) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let setting = set.which.setting;
        let value = parse_value(setting, &set.value)?;
        let (database, level) = set.which.find(core).await?;
        let policy = Policy {
            level,
            setting,
            value,
        };
        let (place, value) = (set.which.place(), shown(setting, value));
        if set.try_out {
            let forecast = core.policies.try_out(&database, policy, None).await?;
            for words in in_words(setting, forecast) {
                output::notice(&words);
            }
            return Ok(());
        }
        let ended = core.policies.set(&database, policy).await?;
        output::notice(&text().policy_set(&place, setting.as_str(), &value));
        output::notice(&if setting.ends_sessions() {
            text().policy_ended(&ended.sessions.to_string(), &ended.users.to_string())
        } else if setting == PolicySetting::MinPasswordLength {
            text().policy_holds_for_passwords().to_owned()
        } else {
            text().policy_holds().to_owned()
        });
        Ok(())
    })
}

/// What a policy would do.
fn in_words(setting: PolicySetting, forecast: PolicyForecast) -> Vec<String> {
    let PolicyForecast {
        at_once,
        soon,
        users_above,
        ..
    } = forecast;
    let (sessions, users) = (at_once.sessions.to_string(), at_once.users.to_string());
    let soon = (soon > 0).then(|| text().policy_would_end_soon(&soon.to_string()));
    let above = (users_above > 0).then(|| text().policy_users_above(&users_above.to_string()));
    let last = if setting.ends_sessions() {
        text().policy_would_end(&sessions, &users)
    } else if setting == PolicySetting::MinPasswordLength {
        text().policy_would_hold_for_passwords().to_owned()
    } else {
        text().policy_would_hold().to_owned()
    };
    [soon, above, Some(last)].into_iter().flatten().collect()
}

fn clear(node: &Node, which: &Which) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, level) = which.find(core).await?;
        let setting = which.setting;
        if !core.policies.clear(&database, level, setting).await? {
            return Err(anyhow!(text().policy_unknown()));
        }
        output::notice(&text().policy_cleared(&which.place(), setting.as_str()));
        Ok(())
    })
}

/// The names of companies and groups.
struct Names {
    companies: HashMap<latchkey_core::company::CompanyId, String>,
    groups: HashMap<latchkey_core::access::GroupId, String>,
}

impl Names {
    async fn read(core: &Core, database: &Database) -> anyhow::Result<Self> {
        let companies = core.companies.list(database).await?.into_iter();
        let companies = companies.map(|record| (record.company.id, record.company.name));
        Ok(Self {
            companies: companies.collect(),
            groups: group::names_of(&core.groups.list(database).await?),
        })
    }

    fn of(&self, level: PolicyLevel) -> (&'static str, Option<String>) {
        match level {
            PolicyLevel::Database => ("database", None),
            PolicyLevel::Company(id) => ("company", self.companies.get(&id).cloned()),
            PolicyLevel::Group(id) => ("group", self.groups.get(&id).cloned()),
        }
    }

    fn row(&self, policy: Policy) -> PolicyRow {
        let (level, name) = self.of(policy.level);
        PolicyRow {
            setting: policy.setting.as_str(),
            value: policy.value,
            level,
            name,
            shown: shown(policy.setting, policy.value),
        }
    }

    fn effective_row(&self, effective: EffectiveSetting) -> EffectiveRow {
        let setting = effective.setting;
        let (from, name) = match effective.by {
            Some(level) => self.of(level),
            None => (CONFIGURATION, None),
        };
        let words = |value: Option<u32>| match value {
            Some(value) => shown(setting, value),
            None if setting == PolicySetting::SharedComputer => text().policy_as_said().to_owned(),
            None if setting == PolicySetting::RefuseLogIn => "end_longest_unused".to_owned(),
            None => text().policy_no_limit().to_owned(),
        };
        let policies = effective.policies.into_iter();
        EffectiveRow {
            setting: setting.as_str(),
            value: effective.value,
            from,
            name,
            configured: effective.configured,
            shown: [words(effective.value), words(effective.configured)],
            policies: policies.map(|policy| self.row(policy)).collect(),
        }
    }
}

fn list(node: &Node, list: &List) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let database = administer::open(core, &list.database).await?;
        let names = Names::read(core, &database).await?;
        let policies = core.policies.list(&database).await?.into_iter();
        let rows: Vec<_> = policies.map(|policy| names.row(policy)).collect();
        output::list(list.form, &rows)
    })
}

fn explain(node: &Node, explain: &Explain) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, user) = explain.who.find(core).await?;
        let names = Names::read(core, &database).await?;
        let settings = core.policies.explain(&database, &user).await?.into_iter();
        let rows: Vec<_> = settings.map(|one| names.effective_row(one)).collect();
        output::list(explain.form, &rows)
    })
}
