//! Transactions by whose work they are: the system's and a person's are different types.

use latchkey_words::UserId;

use super::connection::{Connection, Pool};
use crate::StoreError;

/// The system's own work: authenticate, open a session, change a password. It owns the tables and
/// sees all rows.
pub struct SystemTx(Connection);

impl SystemTx {
    pub(super) async fn begin(pool: &Pool) -> Result<Self, StoreError> {
        Ok(Self(pool.begin("begin".to_owned()).await?))
    }

    pub(super) async fn begin_work(pool: &Pool) -> Result<Self, StoreError> {
        Ok(Self(pool.begin_work().await?))
    }

    pub(crate) fn connection(&mut self) -> &mut Connection {
        &mut self.0
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit().await?)
    }
}

/// A person's work: a role that owns nothing, and row-level security that knows the caller.
/// A forgotten `where` leaks nothing.
pub struct ScopedTx(Connection);

impl ScopedTx {
    pub(super) async fn begin(pool: &Pool, user: UserId) -> Result<Self, StoreError> {
        Self::enter(
            pool,
            &format!("set local \"latchkey.user_id\" = '{}'", user.as_uuid()),
        )
        .await
    }

    /// A scoped transaction without a caller. It must see no row.
    #[cfg(any(test, feature = "testing"))]
    pub async fn without_caller(pool: &sqlx::PgPool) -> Result<Self, StoreError> {
        let pool = Pool::new(pool.clone(), super::doubt::Doubt::default());
        Self::enter(&pool, "select 1").await
    }

    /// One round trip: the statements travel together. They hold nothing to escape: a UUID is
    /// hexadecimal digits and hyphens.
    async fn enter(pool: &Pool, caller: &str) -> Result<Self, StoreError> {
        let statements = format!("begin; {caller}; set local role latchkey_restricted");
        Ok(Self(pool.begin(statements).await?))
    }

    pub(crate) fn connection(&mut self) -> &mut Connection {
        &mut self.0
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit().await?)
    }
}
