//! `latchkey user companies` and `set-companies`: the companies that a user may work for.

use clap::Args;
use latchkey_core::DisplayedName;
use serde::Serialize;

use super::{
    company::{find_all, parse_name},
    node::Node,
    who::Who,
};
use crate::{
    log::neutral,
    output::{self, Form, Row},
    text::text,
};

#[derive(Debug, Args)]
pub(super) struct Companies {
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
pub(super) struct SetCompanies {
    #[command(flatten)]
    who: Who,
    /// Company that the user may work for; repeat it for several, the default one first
    #[arg(long = "company", value_name = "NAME", required = true, value_parser = parse_name)]
    companies: Vec<DisplayedName>,
}

/// Scripts rely on these keys: add to them, never rename.
#[derive(Serialize)]
struct CompanyOfUser {
    id: String,
    name: String,
    is_default: bool,
}

impl Row for CompanyOfUser {
    fn heads() -> Vec<&'static str> {
        vec![text().head_name(), text().head_state()]
    }

    fn none() -> &'static str {
        text().company_none()
    }

    fn cells(&self) -> Vec<String> {
        let state = if self.is_default { "default" } else { "" };
        vec![self.name.clone(), state.to_owned()]
    }
}

pub(super) fn list(node: &Node, list: &Companies) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, user) = list.who.find(core).await?;
        let companies = core.companies.list_of_user(&database, &user).await?;
        let companies = companies.into_iter().enumerate();
        let rows = companies.map(|(place, company)| CompanyOfUser {
            id: company.id.to_string(),
            name: company.name,
            is_default: place == 0,
        });
        output::list(list.form, &rows.collect::<Vec<_>>())
    })
}

pub(super) fn set(node: &Node, set: &SetCompanies) -> anyhow::Result<()> {
    node.with_core(async |core| {
        let (database, user) = set.who.find(core).await?;
        let companies = find_all(core, &database, &set.companies).await?;
        core.companies
            .set_of_user(&database, &user, &companies)
            .await?;
        output::notice(&text().user_companies_set(&neutral(&user.login)));
        Ok(())
    })
}
