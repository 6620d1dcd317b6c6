//! Guesses at a name of no database, where names are hidden: answered as they would be in a database.
//!
//! The same statements count them by the same rules, in the first database that there is. A line break separates
//! the name from what is counted, and no login that is typed has one in its counter: guesses at one name touch
//! neither another name nor the database that counts. No user is ever found, and no attempt is recorded.

use super::{
    LogInAttempt, LogInError,
    guess::{self, Refusal},
};
use crate::{
    Core,
    attempt::{Place, Tried, retry_after_seconds},
    database::DatabaseName,
    module::LogInFailure,
    user::LoginKey,
};

/// A name of no database.
#[derive(Clone, Copy)]
pub struct Nowhere<'a> {
    /// The name; `None` for what cannot be a name, or where none was said.
    pub name: Option<&'a DatabaseName>,
    /// Those that the host may see. The first that can be opened counts.
    pub visible: &'a [DatabaseName],
}

/// What was tried at a name of no database.
fn tried(name: Option<&DatabaseName>, attempt: &LogInAttempt) -> Tried {
    let name = name.map_or("", DatabaseName::as_str);
    let beneath = |subject: &str| format!("{name}\n{subject}");
    let tried = guess::tried(attempt);
    Tried {
        account: beneath(&tried.account),
        network: tried.network.map(|network| network.renamed(beneath)),
        key: LoginKey::of_nobody(),
        former_key: LoginKey::of_nobody(),
        place: Place::Nowhere,
        ..tried
    }
}

impl Core {
    /// Takes as long as a log-in that fails, costs as many statements and says the same, for a name that must not
    /// be told from a database.
    pub async fn log_in_nowhere(&self, nowhere: Nowhere<'_>, attempt: &LogInAttempt) -> LogInError {
        match self.fail_nowhere(nowhere, attempt).await {
            Ok(error) | Err(error) => error,
        }
    }

    async fn fail_nowhere(
        &self,
        Nowhere { name, visible }: Nowhere<'_>,
        attempt: &LogInAttempt,
    ) -> Result<LogInError, LogInError> {
        let Some(database) = self.databases.open_first(visible).await? else {
            return self.fail_without_databases(attempt).await;
        };
        let tried = tried(name, attempt);
        let (guess, _) = self.admit(&database, tried, &attempt.devices).await?;
        self.passwords.verify(&attempt.password, None).await?;
        let refusal = Refusal::Failed(LogInFailure::UnknownLogin);
        Ok(self.refuse(&database, &guess, refusal).await)
    }

    /// There is no database that a name could be told from. What is hashed is bounded all the same.
    async fn fail_without_databases(
        &self,
        attempt: &LogInAttempt,
    ) -> Result<LogInError, LogInError> {
        let now = self.clock.now();
        if let Some(block) = self.blocked_at_all_names(&attempt.client, now) {
            return Ok(LogInError::Throttled {
                retry_after_seconds: retry_after_seconds(block.until - now),
            });
        }
        self.passwords.verify(&attempt.password, None).await?;
        self.count_at_all_names(&attempt.client, self.clock.now());
        Ok(LogInError::WrongCredentials)
    }
}
