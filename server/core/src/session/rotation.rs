//! Rotation replaces tokens regularly, so that a stolen token is soon useless and its use is noticed.
//!
//! A replaced token stays good for the grace, for requests under way. If a request brings the token later, two clients
//! have tokens of the session: either the request comes from a thief, or the thief has the owner's new token. Then the
//! session ends.
//!
//! If no request has brought the new token, the answer with the new token may have been lost. The old token then stays
//! good, and its client gets another new token. A thief could drop answers on purpose to keep the owner from getting a
//! token. So at most [`MOST_UNUSED`] new tokens in a row may be lost, and a client that the last token was not sent to
//! waits only for [`RETRY`].

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::{
    SessionSettings,
    token::{ClientHash, PresentedToken, Standing},
};
use crate::{client::Client, network::Network};

/// The largest number of new tokens in a row that may stay unused. A client that loses each answer with a probability
/// of one half loses as many in a row once in a million rotations.
pub(super) const MOST_UNUSED: i32 = 20;

/// The time that an answer may take before its new token counts as lost. Where less is at stake, the grace is used
/// instead: an answer that arrives after the answer to a later request overwrites that answer's token.
const RETRY: Duration = Duration::from_secs(10);

/// The facts that determine a presented token's [`Standing`].
pub(super) struct Replacement {
    /// The moment at which the presented token was replaced; while its successors are unused, the moment of the last
    /// replacement.
    pub superseded_at: Option<OffsetDateTime>,
    /// The moment at which the session's own token was issued.
    pub issued_at: OffsetDateTime,
    /// The moment of the first request with the session's own token.
    pub used_at: Option<OffsetDateTime>,
    /// The number of unused tokens in a row.
    pub unused: i32,
}

impl Replacement {
    /// The standing of the token. Tokens that were replaced after `grace_since` are still good. The look-up in SQL
    /// follows the same rule.
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
    /// Whether this request's answer should bring a new token.
    pub(super) fn is_due(
        &self,
        now: OffsetDateTime,
        client: &Client,
        settings: &SessionSettings,
    ) -> bool {
        match (self.standing, settings.rotation_interval) {
            (Standing::Current, Some(interval)) => now >= self.issued_at + interval,
            (Standing::SuccessorUnused, _) => {
                now >= self.issued_at + self.patience(client, settings.rotation_grace)
            }
            _ => false,
        }
    }

    /// The time that the session's own token may be under way to its client before another token is issued.
    ///
    /// The same client gets every second token sooner. Otherwise a program that sends requests at a steady pace and
    /// loses every second answer could lose every answer with a token.
    fn patience(&self, client: &Client, grace: Duration) -> Duration {
        let is_elsewhere = self.issued_to.is_some_and(|to| to != hash_of(client));
        if is_elsewhere || self.unused % 2 == 0 {
            RETRY.min(grace)
        } else {
            grace
        }
    }
}

/// A hash that tells clients apart, except clients with the same network and agent. A browser that uses both IPv4 and
/// IPv6 counts as two clients.
pub(super) fn hash_of(client: &Client) -> ClientHash {
    let network = client.address.map(Network::of);
    let network = network.as_ref().map_or("", Network::as_str);
    let mut hash = Sha256::new_with_prefix(network);
    hash.update([0]);
    hash.update(client.agent.as_str());
    hash.finalize().into()
}
