//! Tokens are replaced now and then, so that a stolen one is of little use and shows itself.
//!
//! The token that was replaced stays good for a grace period, for requests under way. After that
//! whoever brings it has a copy, or the owner does: the session ends. Unless the new token has
//! never come back: then its answer was lost on the way, and the owner gets another one.

use time::OffsetDateTime;

use super::{Caller, SessionToken, TokenHash, store};
use crate::{Core, StoreError, settings::SessionSettings};

/// The token that a request brought.
#[derive(Clone)]
pub(crate) struct PresentedToken {
    pub hash: TokenHash,
    /// When the session's token of today was issued.
    pub issued_at: OffsetDateTime,
    pub standing: Standing,
}

/// How the presented token stands to the session's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is the session's.
    Current,
    /// It was replaced a moment ago.
    InGrace,
    /// It was replaced, and its successor has never come back.
    SuccessorUnused,
    /// It was replaced long ago.
    Stale,
}

impl PresentedToken {
    /// How a token replaced at `superseded_at` stands, if it was replaced, to one that was issued at
    /// `issued_at`. What was replaced after `grace_since` is still good.
    pub(super) fn standing(
        superseded_at: Option<OffsetDateTime>,
        issued_at: OffsetDateTime,
        used_at: Option<OffsetDateTime>,
        grace_since: OffsetDateTime,
    ) -> Standing {
        match superseded_at {
            None => Standing::Current,
            Some(at) if used_at.is_none() && at == issued_at => Standing::SuccessorUnused,
            Some(at) if at > grace_since => Standing::InGrace,
            Some(_) => Standing::Stale,
        }
    }

    /// Whether this request should take a new token home.
    fn is_due(&self, now: OffsetDateTime, settings: &SessionSettings) -> bool {
        match (self.standing, settings.rotation_interval) {
            (Standing::Current, Some(interval)) => now >= self.issued_at + interval,
            (Standing::SuccessorUnused, _) => now >= self.issued_at + settings.rotation_grace,
            _ => false,
        }
    }
}

impl Core {
    /// Replaces the caller's token if its time has come. Of many requests at once one gets the new
    /// token; the others go on with the old one for the grace period.
    pub async fn rotate_token(&self, caller: &Caller) -> Result<Option<SessionToken>, StoreError> {
        let now = self.clock.now();
        if !caller.token.is_due(now, &self.settings.sessions) {
            return Ok(None);
        }
        let mut tx = caller.database.system().await?;
        let token = self.new_token(tx.connection(), caller, now).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Replaces the caller's token as a part of something else; `None` if another request of the
    /// same browser has just done so.
    pub(crate) async fn new_token(
        &self,
        connection: &mut sqlx::PgConnection,
        caller: &Caller,
        now: OffsetDateTime,
    ) -> Result<Option<SessionToken>, StoreError> {
        let token = SessionToken::new(&*self.random);
        let rotated = store::rotate(
            connection,
            caller.session.id,
            &caller.token,
            token.hash(),
            now,
        )
        .await?;
        Ok(rotated.then_some(token))
    }
}
