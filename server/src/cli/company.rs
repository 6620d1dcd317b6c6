//! `latchkey company`: add, list and change companies.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand, builder::PossibleValuesParser};
use latchkey_app::{request::zone, text::Language};
use latchkey_core::{
    Core, DisplayedName, InvalidName,
    account::NameCompanyError,
    client::TimeZoneName,
    company::{Colour, Company, CompanyId, CompanyProfile, CompanyRecord, Logo, MOST_LOGO_BYTES},
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
    /// Give a company the language of users who have chosen none
    SetLanguage(SetLanguage),
    /// Give a company the time zone of users who have chosen none
    SetTimeZone(SetTimeZone),
    /// Give a company a new logo
    SetLogo(SetLogo),
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

#[derive(Debug, Args)]
pub(super) struct SetLanguage {
    #[command(flatten)]
    which: Which,
    /// New language of the company [default: none, so that the browser's language counts]
    #[arg(long, value_name = "CODE", value_parser = PossibleValuesParser::new(Language::WRITTEN.iter().map(|language| language.code())))]
    to: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct SetTimeZone {
    #[command(flatten)]
    which: Which,
    /// New time zone of the company, such as Europe/Berlin [default: none, so that the browser's zone counts]
    #[arg(long, value_name = "NAME", value_parser = parse_zone)]
    to: Option<TimeZoneName>,
}

#[derive(Debug, Args)]
pub(super) struct SetLogo {
    #[command(flatten)]
    which: Which,
    /// Picture in the format PNG, JPEG or WebP, at most 2 MiB and 4096 x 4096 pixels [default: none]
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
}

/// Scripts rely on these keys: add to them, never rename.
#[derive(Serialize)]
struct CompanyRow {
    id: String,
    name: String,
    colour: Option<String>,
    language: Option<String>,
    time_zone: Option<String>,
    has_logo: bool,
    users: u32,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    archived_at: Option<OffsetDateTime>,
}

impl From<CompanyRecord> for CompanyRow {
    fn from(record: CompanyRecord) -> Self {
        let Company {
            id,
            name,
            profile,
            logo,
        } = record.company;
        let zone = profile.time_zone.as_ref();
        Self {
            id: id.to_string(),
            name,
            colour: profile.colour.map(|colour| colour.to_string()),
            language: profile
                .language
                .as_ref()
                .map(|code| code.as_str().to_owned()),
            time_zone: zone.map(|zone| zone.as_str().to_owned()),
            has_logo: logo.is_some(),
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
            text.head_language(),
            text.head_time_zone(),
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
            self.language.clone().unwrap_or_default(),
            self.time_zone.clone().unwrap_or_default(),
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
        Command::SetLanguage(set) => set_language(node, &set),
        Command::SetTimeZone(set) => set_time_zone(node, set),
        Command::SetLogo(set) => set_logo(node, &set),
        Command::Archive(which) => archive(node, &which),
        Command::Restore(which) => restore(node, &which),
    }
}

/// Parser of clap for the name of a time zone.
fn parse_zone(name: &str) -> Result<TimeZoneName, &'static str> {
    zone(name).ok_or("no time zone of the IANA database, such as Europe/Berlin")
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
    let colour = set.to.clone();
    set_profile(node, &set.which, |profile| CompanyProfile {
        colour,
        ..profile
    })
}

fn set_language(node: &Node, set: &SetLanguage) -> anyhow::Result<()> {
    // The parser permits the codes of the written languages only.
    let language = set.to.as_ref().and_then(|code| code.parse().ok());
    set_profile(node, &set.which, |profile| CompanyProfile {
        language,
        ..profile
    })
}

fn set_time_zone(node: &Node, set: SetTimeZone) -> anyhow::Result<()> {
    set_profile(node, &set.which, |profile| CompanyProfile {
        time_zone: set.to,
        ..profile
    })
}

/// Changes a part of a company's profile.
fn set_profile(
    node: &Node,
    which: &Which,
    change: impl FnOnce(CompanyProfile) -> CompanyProfile,
) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, company) = which.find(core).await?;
        let companies = &core.companies;
        companies
            .change_profile(&database, company.id, change)
            .await?;
        output::notice(&text().company_changed(&neutral(&company.name)));
        Ok(())
    })
}

fn set_logo(node: &Node, set: &SetLogo) -> anyhow::Result<()> {
    let logo = set.file.as_deref().map(read_logo).transpose()?;
    node.with_core(async |core| {
        let (database, company) = set.which.find(core).await?;
        let companies = &core.companies;
        companies
            .set_logo(&database, company.id, logo.as_ref())
            .await?;
        output::notice(&text().company_changed(&neutral(&company.name)));
        Ok(())
    })
}

/// Reads a little more than a logo may have, so that a large file does not fill the memory.
fn read_logo(path: &Path) -> anyhow::Result<Logo> {
    let named = || neutral(&path.display().to_string());
    let mut file = Vec::new();
    let most = u64::try_from(MOST_LOGO_BYTES)?.saturating_add(1);
    let read = File::open(path).and_then(|opened| opened.take(most).read_to_end(&mut file));
    read.with_context(named)?;
    Logo::from_file(&file).with_context(named)
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
