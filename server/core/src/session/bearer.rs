//! The bearer of a live session's token, who sends a request.
//!
//! A [`Caller`] has finished the log-in. A [`Pending`] bearer still owes a [`Step`]. A function that needs a logged-in
//! person takes a [`Caller`], so that a half-finished log-in cannot reach the function.

use std::{ops::Deref, sync::Arc};

use latchkey_words::Step;

use super::{
    Context, DebugMode, Session, SessionSettings, store,
    token::{PresentedToken, Standing},
};
use crate::{
    StoreError,
    access::Rights,
    client::Client,
    company::{ActiveCompanies, CompanyDefaults},
    database::{Database, ScopedTx, Sight},
    user::{Preferences, User},
};

/// The bearer of a live session's token, whether or not the log-in is finished.
#[derive(Clone)]
pub struct Bearer {
    /// The database that the session is in.
    pub database: Database,
    /// The session.
    pub session: Session,
    /// The session's user.
    pub user: User,
    /// What the user prefers.
    pub preferences: Preferences,
    /// The values that the session keeps.
    pub context: Context,
    /// The companies that the session works for.
    pub companies: ActiveCompanies,
    /// The debug mode of the session; off if the user may not use it.
    pub debug: DebugMode,
    /// What the user may do.
    pub rights: Arc<Rights>,
    /// What the main company of the session brings, if anything.
    pub defaults: Option<Arc<CompanyDefaults>>,
    /// The settings of sessions for the user, with the policies.
    pub settings: SessionSettings,
    /// The client that sent the request. Its address and agent may differ from those of the session.
    pub(crate) client: Client,
    pub(crate) token: PresentedToken,
}

/// A person who is logged in. Only [`Sessions::resume`](super::Sessions::resume) makes a `Caller`.
#[derive(Clone)]
pub struct Caller(Bearer);

/// A person whose log-in still has a step.
#[derive(Clone)]
pub struct Pending {
    bearer: Bearer,
    step: Step,
}

impl Bearer {
    /// A transaction that sees what the user may see. A transaction that only reads is dropped instead of committed:
    /// the pool then ends it, without a round trip that the person waits for.
    pub(crate) async fn transaction(&self) -> Result<ScopedTx, StoreError> {
        let sight = Sight {
            user: self.user.id,
            active: self.companies.active(),
            allowed: self.companies.allowed(),
            rows: self.rights.rows_as_json(),
        };
        self.database.scoped(&sight).await
    }

    /// Whether the request brought the session's own token, not a replaced one. A confirmation counts for the own token
    /// only (OWASP ASVS 7.2.4).
    pub(crate) fn has_current_token(&self) -> bool {
        self.token.standing == Standing::Current
    }

    /// Whether the bearer's session is still live, now that it is locked. A session may be revoked while the body of a
    /// request is still arriving, so every change checks again.
    pub(crate) fn is_among(&self, locked: &[store::Locked]) -> bool {
        locked
            .iter()
            .any(|session| session.id == self.session.id && session.is_live)
    }
}

impl Caller {
    pub(super) fn new(bearer: Bearer) -> Self {
        Self(bearer)
    }
}

impl Pending {
    pub(super) fn new(bearer: Bearer, step: Step) -> Self {
        Self { bearer, step }
    }

    /// The step that comes next.
    pub fn step(&self) -> Step {
        self.step
    }
}

impl Deref for Caller {
    type Target = Bearer;

    fn deref(&self) -> &Bearer {
        &self.0
    }
}

impl Deref for Pending {
    type Target = Bearer;

    fn deref(&self) -> &Bearer {
        &self.bearer
    }
}
