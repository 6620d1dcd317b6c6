//! Transactions. The system's transactions and a user's transactions have different types.

use latchkey_words::{CompanyId, UserId};

use super::connection::{Connection, Pool};
use crate::StoreError;

/// A transaction for the system's own work, such as authenticating, opening a session or changing a password. The
/// transaction runs as the owner of the tables, and sees all rows.
pub struct SystemTx(Connection);

impl SystemTx {
    pub(super) async fn begin(pool: &Pool) -> Result<Self, StoreError> {
        Ok(Self(pool.begin("begin".to_owned()).await?))
    }

    /// A transaction whose statements may take longer than those of a request.
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

/// A transaction for a user's work. The transaction runs as the restricted role, which owns nothing, and row-level
/// security knows the user. So a statement with a forgotten `where` reveals nothing.
pub struct ScopedTx(Connection);

/// What a person's transaction may see.
pub(crate) struct Sight<'a> {
    /// The person.
    pub user: UserId,
    /// The companies that the session works for.
    pub active: &'a [CompanyId],
    /// The companies that the person may work for.
    pub allowed: &'a [CompanyId],
    /// The rows that each right is for, as JSON: `{"users":{"read":255}}`. The names have small letters, digits, `_` and `.` only.
    pub rows: &'a str,
}

impl Sight<'_> {
    /// The statements that tell PostgreSQL. Nothing needs escaping, by the types of the values.
    fn statements(&self) -> String {
        let list = |companies: &[CompanyId]| {
            let ids: Vec<_> = companies.iter().map(ToString::to_string).collect();
            ids.join(",")
        };
        let (active, allowed) = (list(self.active), list(self.allowed));
        format!(
            "set local \"latchkey.user_id\" = '{}'; set local \"latchkey.active_companies\" = '{{{active}}}'; \
            set local \"latchkey.allowed_companies\" = '{{{allowed}}}'; set local \"latchkey.rows\" = '{}'",
            self.user, self.rows
        )
    }
}

impl ScopedTx {
    pub(super) async fn begin(pool: &Pool, sight: &Sight<'_>) -> Result<Self, StoreError> {
        Self::enter(pool, &sight.statements()).await
    }

    /// A transaction of no user. Such a transaction must see no row.
    #[cfg(any(test, feature = "testing"))]
    pub async fn without_caller(pool: &sqlx::PgPool) -> Result<Self, StoreError> {
        let pool = Pool::new(pool.clone(), super::doubt::Doubt::default());
        Self::enter(&pool, "select 1").await
    }

    /// Begins the transaction in one round trip, because all statements travel together.
    async fn enter(pool: &Pool, sight: &str) -> Result<Self, StoreError> {
        let statements = format!("begin; {sight}; set local role latchkey_restricted");
        Ok(Self(pool.begin(statements).await?))
    }

    pub(crate) fn connection(&mut self) -> &mut Connection {
        &mut self.0
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit().await?)
    }
}
