//! Transactions by whose work they are: the system's and a person's are different types.

use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};

use crate::{StoreError, user::UserId};

/// The system's own work: authenticate, open a session, change a password. It owns the tables and
/// sees all rows.
pub struct SystemTx(Transaction<'static, Postgres>);

impl SystemTx {
    pub(super) async fn begin(pool: &PgPool) -> Result<Self, StoreError> {
        Ok(Self(begin(pool, "begin".to_owned()).await?))
    }

    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.0
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit().await?)
    }
}

/// A person's work: a role that owns nothing, and row-level security that knows the caller.
/// A forgotten `where` leaks nothing.
pub struct ScopedTx(Transaction<'static, Postgres>);

impl ScopedTx {
    pub(super) async fn begin(pool: &PgPool, user: UserId) -> Result<Self, StoreError> {
        Self::enter(
            pool,
            &format!("set local \"latchkey.user_id\" = '{}'", user.as_uuid()),
        )
        .await
    }

    /// A scoped transaction in which nobody calls: it must see nothing.
    #[cfg(any(test, feature = "testing"))]
    pub async fn without_caller(pool: &PgPool) -> Result<Self, StoreError> {
        Self::enter(pool, "select 1").await
    }

    /// One round trip: the statements travel together.
    async fn enter(pool: &PgPool, caller: &str) -> Result<Self, StoreError> {
        let statements = format!("begin; {caller}; set local role latchkey_restricted");
        Ok(Self(begin(pool, statements).await?))
    }

    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.0
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit().await?)
    }
}

/// Begins in a task of its own, which ends even if the request is cancelled meanwhile: otherwise a
/// connection could go back to the pool inside of a transaction that nobody knows of.
///
/// The statements hold nothing to escape: a UUID is hexadecimal digits and hyphens.
async fn begin(
    pool: &PgPool,
    statements: String,
) -> Result<Transaction<'static, Postgres>, StoreError> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with(AssertSqlSafe(statements)).await });
    match begun.await {
        Ok(begun) => Ok(begun?),
        Err(_cancelled) => Err(sqlx::Error::WorkerCrashed.into()),
    }
}
