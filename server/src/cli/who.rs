//! The options that name a user.

use clap::Args;
use latchkey_core::{
    Core,
    database::{Database, DatabaseName},
    user::User,
};

use super::administer;

/// One user.
#[derive(Debug, Args)]
pub(super) struct Who {
    /// Database of the user
    #[arg(long, value_name = "NAME")]
    pub database: DatabaseName,
    /// Email or username of the user, in upper or lower case
    #[arg(long)]
    pub login: String,
}

impl Who {
    pub async fn find(&self, core: &Core) -> anyhow::Result<(Database, User)> {
        let database = administer::open(core, &self.database).await?;
        let user = administer::find(core, &database, &self.login).await?;
        Ok((database, user))
    }
}
