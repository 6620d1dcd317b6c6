//! Replaces the token of a session.

use time::OffsetDateTime;

use super::{Bearer, SessionToken, Sessions, rotation::hash_of, store};
use crate::{StoreError, database::Connection};

impl Sessions {
    /// Replaces the caller's token if that is due. Of several parallel requests only one gets the new token. The others
    /// go on with the old token for the grace.
    pub async fn rotate_token(&self, caller: &Bearer) -> Result<Option<SessionToken>, StoreError> {
        let now = self.clock.now();
        if !caller.token.is_due(now, &caller.client, &self.settings) {
            return Ok(None);
        }
        let mut tx = caller.database.system().await?;
        let token = self.new_token(tx.connection(), caller, now).await?;
        if token.is_some() && !caller.has_current_token() {
            // The request may come from a thief with a copy of a replaced token.
            store::set_unconfirmed(tx.connection(), caller.session.id).await?;
        }
        tx.commit().await?;
        Ok(token)
    }

    /// Replaces the caller's token within a running transaction; `None` if another request of the same browser has just
    /// replaced it.
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
