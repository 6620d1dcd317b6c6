//! `latchkey company`: add, list and change companies.

use anyhow::anyhow;
use clap::{Args, Subcommand};
use latchkey_core::{
    Core, DisplayedName, InvalidName,
    account::NameCompanyError,
    company::{Colour, Company, CompanyId, CompanyRecord},
    database::{Database, DatabaseName},
};
use serde::Serialize;
use time::OffsetDateTime;

use super::{administer, node::Node};
use crate::{
    log::neutral,
    output::{self, Form, Row, moment},
    text::text,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a company
    #[command(after_help = ADD_EXAMPLE)]
    Add(Add),
    /// List the companies of a database
    List(List),
    /// Give a company a new name
    Rename(Rename),
    /// Give a company a new colour
    SetColour(SetColour),
    /// Archive a company, so that users no longer work for it
    Archive(Which),
    /// Use an archived company again
    Restore(Which),
}

const ADD_EXAMPLE: &str = "\
Examples:
  latchkey company add --database acme --name 'Acme North' --colour '#0f766e'
  latchkey user set-companies --database acme --login bob@example.com --company 'Acme North'";

#[derive(Debug, Args)]
pub(super) struct Add {
    /// Database of the company
    #[arg(long, value_name = "NAME")]
    database: DatabaseName,
    /// Name of the company, unique in the database
    #[arg(long, value_parser = parse_name)]
    name: DisplayedName,
    /// Colour that marks the company in lists, such as #0f766e
    #[arg(long)]
    colour: Option<Colour>,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Database whose companies to list
    #[arg(long, value_name = "NAME")]
    database: DatabaseName,
    #[command(flatten)]
    form: Form,
}

/// One company.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Database of the company
    #[arg(long, value_name = "NAME")]
    database: DatabaseName,
    /// Name of the company, in upper or lower case
    #[arg(long, value_name = "NAME", value_parser = parse_name)]
    company: DisplayedName,
}

#[derive(Debug, Args)]
pub(super) struct Rename {
    #[command(flatten)]
    which: Which,
    /// New name of the company, unique in the database
    #[arg(long, value_name = "NAME", value_parser = parse_name)]
    to: DisplayedName,
}

#[derive(Debug, Args)]
pub(super) struct SetColour {
    #[command(flatten)]
    which: Which,
    /// New colour of the company, such as #0f766e [default: none]
    #[arg(long)]
    to: Option<Colour>,
}

/// Scripts rely on these keys: add to them, never rename.
#[derive(Serialize)]
struct CompanyRow {
    id: String,
    name: String,
    colour: Option<String>,
    users: u32,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    archived_at: Option<OffsetDateTime>,
}

impl From<CompanyRecord> for CompanyRow {
    fn from(record: CompanyRecord) -> Self {
        Self {
            id: record.company.id.to_string(),
            name: record.company.name,
            colour: record.company.colour.map(|colour| colour.to_string()),
            users: record.users,
            created_at: record.created_at,
            archived_at: record.archived_at,
        }
    }
}

impl Row for CompanyRow {
    fn heads() -> Vec<&'static str> {
        let text = text();
        vec![
            text.head_name(),
            text.head_colour(),
            text.head_users(),
            text.head_state(),
            text.head_created(),
        ]
    }

    fn none() -> &'static str {
        text().company_none()
    }

    fn cells(&self) -> Vec<String> {
        let state = match self.archived_at {
            Some(_) => "archived",
            None => "in use",
        };
        vec![
            self.name.clone(),
            self.colour.clone().unwrap_or_default(),
            self.users.to_string(),
            state.to_owned(),
            moment(self.created_at),
        ]
    }
}

pub(super) fn run(node: &Node, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Add(add) => self::add(node, &add),
        Command::List(list) => self::list(node, &list),
        Command::Rename(rename) => self::rename(node, &rename),
        Command::SetColour(set) => set_colour(node, &set),
        Command::Archive(which) => archive(node, &which),
        Command::Restore(which) => restore(node, &which),
    }
}

/// Parser of clap for the name of a company.
pub(super) fn parse_name(text: &str) -> Result<DisplayedName, InvalidName> {
    text.parse()
}

/// The company of that name, in any spelling.
pub(super) async fn find(
    core: &Core,
    database: &Database,
    name: &DisplayedName,
) -> anyhow::Result<Company> {
    let found = core.companies.find(database, name).await?;
    found.ok_or_else(|| {
        let database = database.name().as_str();
        anyhow!(text().company_unknown(&neutral(name.as_str()), database))
    })
}

/// The ids of companies, in the same order.
pub(super) async fn find_all(
    core: &Core,
    database: &Database,
    names: &[DisplayedName],
) -> anyhow::Result<Vec<CompanyId>> {
    let mut companies = Vec::new();
    for name in names {
        let company = find(core, database, name).await?;
        if !companies.contains(&company.id) {
            companies.push(company.id);
        }
    }
    Ok(companies)
}

impl Which {
    async fn find(&self, core: &Core) -> anyhow::Result<(Database, Company)> {
        let database = administer::open(core, &self.database).await?;
        let company = find(core, &database, &self.company).await?;
        Ok((database, company))
    }
}

fn add(node: &Node, add: &Add) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let database = administer::open(core, &add.database).await?;
        let companies = &core.companies;
        let added = companies
            .create(&database, &add.name, add.colour.as_ref())
            .await;
        added.map_err(|error| taken(error, &add.name, &database))?;
        let name = neutral(add.name.as_str());
        output::notice(&text().company_added(&name, database.name().as_str()));
        Ok(())
    })
}

fn list(node: &Node, list: &List) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let database = administer::open(core, &list.database).await?;
        let records = core.companies.list(&database).await?;
        let rows: Vec<CompanyRow> = records.into_iter().map(CompanyRow::from).collect();
        output::list(list.form, &rows)
    })
}

fn rename(node: &Node, rename: &Rename) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, company) = rename.which.find(core).await?;
        let renamed = core.companies.rename(&database, company.id, &rename.to);
        renamed
            .await
            .map_err(|error| taken(error, &rename.to, &database))?;
        let (from, to) = (neutral(&company.name), neutral(rename.to.as_str()));
        output::notice(&text().company_renamed(&from, &to));
        Ok(())
    })
}

fn set_colour(node: &Node, set: &SetColour) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, company) = set.which.find(core).await?;
        let companies = &core.companies;
        companies
            .set_colour(&database, company.id, set.to.as_ref())
            .await?;
        output::notice(&text().company_coloured(&neutral(&company.name)));
        Ok(())
    })
}

fn archive(node: &Node, which: &Which) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, company) = which.find(core).await?;
        core.companies.archive(&database, company.id).await?;
        output::notice(&text().company_archived(&neutral(&company.name)));
        Ok(())
    })
}

fn restore(node: &Node, which: &Which) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, company) = which.find(core).await?;
        core.companies.restore(&database, company.id).await?;
        output::notice(&text().company_restored(&neutral(&company.name)));
        Ok(())
    })
}

/// The error for a name that another company has.
fn taken(error: NameCompanyError, name: &DisplayedName, database: &Database) -> anyhow::Error {
    match error {
        NameCompanyError::Taken => {
            let database = database.name().as_str();
            anyhow!(text().company_taken(&neutral(name.as_str()), database))
        }
        NameCompanyError::Store(error) => error.into(),
    }
}
