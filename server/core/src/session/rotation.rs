//! Tokens are replaced now and then, so that a stolen token is of little use and shows itself.
//!
//! A replaced token stays good for a grace period, for requests under way. A request that brings the
//! token later comes from a copy, or the copy has what the owner should have: the session ends.
//!
//! If the new token has never come back, its answer may have been lost on the way. The old token then
//! stays good, and its client gets another new one. A thief can drop answers on purpose, to keep the
//! owner from getting a token. So [`MOST_UNUSED`] new tokens in a row are lost at most, and a client
//! elsewhere than the last token was sent to waits for [`RETRY`] only.

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::{
    Bearer, SessionToken, store,
    token::{ClientHash, PresentedToken, Standing},
};
use crate::{
    Core, StoreError, attempt::Network, client::Client, database::Connection,
    settings::SessionSettings,
};

/// The most new tokens in a row that may never come back. A client that loses each answer with a
/// probability of one half loses so many once in a million rotations.
pub(super) const MOST_UNUSED: i32 = 20;

/// How long an answer may be under way before its new token counts as lost. Where less is at stake, the
/// grace period is waited for: an answer that comes in after the one to the next request overwrites
/// its token.
const RETRY: Duration = Duration::from_secs(10);

/// When a token was replaced, and what became of the session's token since.
pub(super) struct Replacement {
    /// When the presented token was replaced; with the last of its successors while none has come back.
    pub superseded_at: Option<OffsetDateTime>,
    /// When the session's token of today was issued.
    pub issued_at: OffsetDateTime,
    /// When the session's token of today first came back.
    pub used_at: Option<OffsetDateTime>,
    /// How many tokens in a row never came back.
    pub unused: i32,
}

impl Replacement {
    /// How the token stands, where tokens replaced after `grace_since` are still good. The look-up
    /// in SQL says the same.
    pub(super) fn standing(&self, grace_since: OffsetDateTime) -> Standing {
        let is_lost = self.used_at.is_none() && self.unused < MOST_UNUSED;
        match self.superseded_at {
            None => Standing::Current,
            Some(at) if is_lost && at == self.issued_at => Standing::SuccessorUnused,
            Some(at) if at > grace_since => Standing::InGrace,
            Some(_) => Standing::Stale,
        }
    }
}

impl PresentedToken {
    /// Whether this request should take a new token home.
    fn is_due(&self, now: OffsetDateTime, client: &Client, settings: &SessionSettings) -> bool {
        match (self.standing, settings.rotation_interval) {
            (Standing::Current, Some(interval)) => now >= self.issued_at + interval,
            (Standing::SuccessorUnused, _) => {
                now >= self.issued_at + self.patience(client, settings.rotation_grace)
            }
            _ => false,
        }
    }

    /// How long the session's own token may be under way to its client before another is issued.
    ///
    /// Every second token for the same client comes sooner. Otherwise a program that asks at a steady
    /// pace and loses every second answer could lose all that bring a token.
    fn patience(&self, client: &Client, grace: Duration) -> Duration {
        let is_elsewhere = self.issued_to.is_some_and(|to| to != hash_of(client));
        if is_elsewhere || self.unused % 2 == 0 {
            RETRY.min(grace)
        } else {
            grace
        }
    }
}

/// Tells clients apart, but for those that share a network and an agent. A browser that reaches the
/// server by IPv4 and by IPv6 is two.
pub(super) fn hash_of(client: &Client) -> ClientHash {
    let network = client.address.map(Network::of);
    let network = network.as_ref().map_or("", Network::as_str);
    let mut hash = Sha256::new_with_prefix(network);
    hash.update([0]);
    hash.update(client.agent.as_str());
    hash.finalize().into()
}

impl Core {
    /// Replaces the caller's token if its time has come. Of many requests at once one gets the new
    /// token; the others go on with the old one for the grace period.
    pub async fn rotate_token(&self, caller: &Bearer) -> Result<Option<SessionToken>, StoreError> {
        let now = self.clock.now();
        let settings = &self.settings.sessions;
        if !caller.token.is_due(now, &caller.client, settings) {
            return Ok(None);
        }
        let mut tx = caller.database.system().await?;
        let token = self.new_token(tx.connection(), caller, now).await?;
        if token.is_some() && !caller.has_current_token() {
            // A copy of a replaced token may ask for this one.
            store::set_unconfirmed(tx.connection(), caller.session.id).await?;
        }
        tx.commit().await?;
        Ok(token)
    }

    /// Replaces the caller's token as a part of something else; `None` if another request of the
    /// same browser has just done so.
    pub(crate) async fn new_token(
        &self,
        connection: &mut Connection,
        caller: &Bearer,
        now: OffsetDateTime,
    ) -> Result<Option<SessionToken>, StoreError> {
        let token = SessionToken::new(&*self.random);
        let next = store::NextToken {
            hash: token.hash(),
            issued_to: hash_of(&caller.client),
            now,
        };
        let seen = caller.token.issued_at;
        let rotated = store::rotate(connection, caller.session.id, seen, &next).await?;
        Ok(rotated.then_some(token))
    }
}
