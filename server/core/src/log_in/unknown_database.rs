//! Answers guesses at a name of no database as if there were a database, where names are hidden.
//!
//! The same statements count these guesses by the same rules, in the first visible database. The subject of such a
//! counter is the name, a line break and the usual subject. No counter of a typed login contains a line break, so
//! guesses at one name touch neither the counters of another name nor those of the database that counts. No user is
//! ever found, and no attempt is recorded.

use super::{
    LogIn, LogInAttempt, LogInError, Wait,
    outcome::{self, Refusal},
};
use crate::{
    attempt::{Target, Tried, retry_after_seconds},
    database::DatabaseName,
    module::LogInFailure,
    user::LoginKey,
};

/// A name of no database.
#[derive(Clone, Copy)]
pub struct UnknownDatabase<'a> {
    /// The name; `None` if the text cannot be a name, or if no name was given.
    pub name: Option<&'a DatabaseName>,
    /// The databases that the host name may see. The first database that can be opened keeps the counters.
    pub visible: &'a [DatabaseName],
}

/// The login, the client and the subjects of the counters, for an attempt at a name of no database.
fn tried(name: Option<&DatabaseName>, attempt: &LogInAttempt) -> Tried {
    let name = name.map_or("", DatabaseName::as_str);
    let beneath = |subject: &str| format!("{name}\n{subject}");
    let tried = outcome::tried(attempt);
    Tried {
        account: beneath(&tried.account),
        network: tried.network.map(|network| network.renamed(beneath)),
        key: LoginKey::of_no_user(),
        former_key: LoginKey::of_no_user(),
        target: Target::UnknownName,
        ..tried
    }
}

impl LogIn {
    /// Refuses a log-in at a name of no database. The refusal takes as long, costs as many statements and says the same
    /// as a log-in that fails in a database, so that a guesser cannot find out which names exist.
    pub async fn attempt_at_unknown_database(
        &self,
        unknown: UnknownDatabase<'_>,
        attempt: &LogInAttempt,
    ) -> LogInError {
        match self.fail_at_unknown_database(unknown, attempt).await {
            Ok(error) | Err(error) => error,
        }
    }

    async fn fail_at_unknown_database(
        &self,
        UnknownDatabase { name, visible }: UnknownDatabase<'_>,
        attempt: &LogInAttempt,
    ) -> Result<LogInError, LogInError> {
        let Some(database) = self.databases.open_first(visible).await? else {
            return self.fail_without_databases(attempt).await;
        };
        let tried = tried(name, attempt);
        let (guess, _) = self.admit(&database, tried, &attempt.devices).await?;
        self.hasher.verify(&attempt.password, None).await?;
        let refusal = Refusal::Failed(LogInFailure::UnknownLogin);
        Ok(self.refuse(&database, &guess, refusal).await)
    }

    /// Refuses a log-in if the host name sees no database at all. The number of hashes is limited here too.
    async fn fail_without_databases(
        &self,
        attempt: &LogInAttempt,
    ) -> Result<LogInError, LogInError> {
        let now = self.clock.now();
        if let Some(block) = self.all_names.blocked(&attempt.client, now) {
            return Ok(LogInError::Throttled {
                retry_after_seconds: retry_after_seconds(block.until - now),
            });
        }
        self.hasher.verify(&attempt.password, None).await?;
        let now = self.clock.now();
        self.all_names.count(&attempt.client, now);
        let block = self.all_names.blocked(&attempt.client, now);
        Ok(LogInError::WrongCredentials {
            wait: Wait::until(block.map(|block| block.until), now),
        })
    }
}
