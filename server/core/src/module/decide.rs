//! The decision of a module about a log-in.

use std::{any::Any, sync::Arc};

use async_trait::async_trait;
use latchkey_words::{CompanyId, SessionId};
use time::OffsetDateTime;

use super::ModuleError;
use crate::{client::Client, database::DatabaseName, language::LanguageCode, user::User};

/// A module that decides whether a session opens, and which sessions end for it.
///
/// The decision has two halves. `gather` runs before the transaction of the log-in, and may ask another service. `decide` runs in the
/// transaction, while the user's row is locked, so that the decision still holds at the commit.
///
/// An error, a panic and a time-out refuse the log-in. The person reads that the log-in is not possible just now, the attempt is recorded
/// as denied, and the event and the audit line have the name of the module.
///
/// A module has two threads. Do not block them: await, or use `tokio::task::spawn_blocking`.
#[async_trait]
pub trait DecideLogIn: Send + Sync + 'static {
    /// What `decide` needs of `gather`.
    type Evidence: Send + 'static;

    /// Gathers what the decision needs. It has two seconds, with the time that it waits for a thread.
    async fn gather(&self, candidate: &Candidate) -> Result<Self::Evidence, ModuleError>;

    /// Decides. All modules together have half a second, in which no other log-in of the user goes on.
    async fn decide(
        &self,
        opening: &Opening,
        evidence: Self::Evidence,
    ) -> Result<Decision, ModuleError>;
}

#[async_trait]
impl<D: DecideLogIn> DecideLogIn for Arc<D> {
    type Evidence = D::Evidence;

    async fn gather(&self, candidate: &Candidate) -> Result<Self::Evidence, ModuleError> {
        D::gather(self, candidate).await
    }

    async fn decide(
        &self,
        opening: &Opening,
        evidence: Self::Evidence,
    ) -> Result<Decision, ModuleError> {
        D::decide(self, opening, evidence).await
    }
}

/// A person whose password was right, and who is about to get a session.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Candidate {
    /// The database.
    pub database: DatabaseName,
    /// The user.
    pub user: User,
    /// The client that logs in.
    pub client: Client,
    /// The language of the log-in page, for what the person reads.
    pub language: LanguageCode,
    /// Whether the computer is a shared one: for `gather` as the person says, for `decide` also as a policy says.
    pub is_shared_computer: bool,
    /// Whether the account knows the device.
    pub is_known_device: bool,
    /// The moment of the question: for `decide` the moment at which the session opens, for `gather` an earlier one.
    pub now: OffsetDateTime,
}

impl Candidate {
    /// A candidate who reads English, on an own computer with an unknown device.
    pub fn new(database: DatabaseName, user: User, client: Client, now: OffsetDateTime) -> Self {
        Self {
            database,
            user,
            client,
            language: LanguageCode::default(),
            is_shared_computer: false,
            is_known_device: false,
            now,
        }
    }
}

/// A session about to be opened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Opening {
    /// The person.
    pub candidate: Candidate,
    /// The technical names of the groups that the user is in, also because another group implies them, in order.
    pub groups: Vec<String>,
    /// The companies that the user may work for, the default one first.
    pub companies: Vec<CompanyId>,
    /// The user's live sessions, the session that was unused for longest first. Sessions that an earlier module ends are
    /// left out. No other transaction can open or end a session of the user until this log-in is over.
    pub live_sessions: Vec<SessionId>,
}

/// A module's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// The session may be opened.
    Allow,
    /// The session may be opened. This number of the user's live sessions end, beginning with the session that was
    /// unused for longest.
    EndLongestUnused(usize),
    /// The session may not be opened.
    Deny {
        /// The module's code for the refusal, one word for programs.
        code: &'static str,
        /// A sentence for the person.
        message: String,
    },
}

/// A module's refusal of a log-in. The same type goes from the module to the person's screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The name of the module.
    pub module: &'static str,
    /// The module's code for the refusal, one word for programs.
    pub code: &'static str,
    /// A sentence for the person.
    pub message: String,
}

/// What a decider has gathered, of any type.
pub(super) type Evidence = Box<dyn Any + Send>;

/// [`DecideLogIn`] of any evidence.
#[async_trait]
pub(super) trait AnyDecider: Send + Sync {
    async fn gather(&self, candidate: &Candidate) -> Result<Evidence, ModuleError>;

    async fn decide(&self, opening: &Opening, evidence: Evidence) -> Result<Decision, ModuleError>;
}

#[async_trait]
impl<D: DecideLogIn> AnyDecider for D {
    async fn gather(&self, candidate: &Candidate) -> Result<Evidence, ModuleError> {
        Ok(Box::new(DecideLogIn::gather(self, candidate).await?))
    }

    async fn decide(&self, opening: &Opening, evidence: Evidence) -> Result<Decision, ModuleError> {
        let evidence = evidence.downcast().map_err(|_other| "another evidence")?;
        DecideLogIn::decide(self, opening, *evidence).await
    }
}
