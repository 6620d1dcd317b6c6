//! Connections to PostgreSQL with a time limit on each statement.
//!
//! A connection can die silently, for example when a firewall forgets it. sqlx then waits for an answer without a
//! limit, even when a connection returns to its pool, and the connection keeps its place in the pool. In this module
//! every wait has a limit. A connection that does not answer is closed, which frees its place, and the idle connections
//! of the pool are closed before their next use.

use std::{io, sync::Arc, time::Duration};

use futures::{
    FutureExt as _, StreamExt as _, TryStreamExt as _,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use sqlx::{
    AssertSqlSafe, Describe, Either, Error, Execute, Executor, PgConnection, PgPool, Postgres,
    SqlStr,
    pool::PoolConnection,
    postgres::{PgPoolOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo},
    raw_sql,
};
use tokio::{runtime::Handle, time::timeout};

use super::{doubt::Doubt, returning::Returning};
use crate::error::ends_connection;

/// Time limit for PostgreSQL's answer to a statement. PostgreSQL's own limits ([`super::pools`]) are shorter, so a slow
/// server still answers in time, and its connection stays open.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Time limit for PostgreSQL's answer in work that no request waits for, such as creating a database.
const WORK_LIMIT: Duration = Duration::from_mins(1);
const SET_WORK_LIMIT: &str = "set statement_timeout = '1min'";
const BEGIN_WORK: &str = "begin; set local statement_timeout = '1min'";

/// Limits only the wait for locks. A migration may run for long. But other statements queue behind a migration that
/// waits for a table.
const SET_FOR_MIGRATIONS: &str = "set lock_timeout = '10s'";

/// Time limit for a ping, and for making a connection ready for its next use.
pub(super) const PING_LIMIT: Duration = Duration::from_secs(2);

/// The connections to one database. As an [`Executor`], a pool runs single statements. Cloning is cheap.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    connections: PgPool,
    doubt: Doubt,
    returning: Arc<Returning>,
    /// Whether statements get [`WORK_LIMIT`], and connections are closed after use.
    is_for_work: bool,
}

/// A connection in use.
#[derive(Debug)]
pub(crate) struct Connection {
    /// `None` once the connection is on its way back to its pool.
    raw: Option<PoolConnection<Postgres>>,
    returning: Arc<Returning>,
    watch: Watch,
    is_in_transaction: bool,
}

/// The time limit of a connection in use, and whether the connection may be used again.
#[derive(Debug)]
struct Watch {
    doubt: Doubt,
    limit: Duration,
    must_close: bool,
}

type Step = Either<PgQueryResult, PgRow>;

impl Pool {
    pub(super) fn new(connections: PgPool, doubt: Doubt) -> Self {
        Self {
            connections,
            doubt,
            returning: Arc::default(),
            is_for_work: false,
        }
    }

    /// A pool for statements that may take longer than those of a request, and that cannot run in a transaction. Its
    /// connections are closed after use, because their time limits differ from those of other connections.
    pub(super) fn for_work(&self) -> Self {
        Self {
            is_for_work: true,
            ..self.clone()
        }
    }

    /// A separate pool with one connection to the same database, without the time limits on statements.
    pub(super) fn for_migrations(&self) -> PgPool {
        let options = self.connections.connect_options();
        PgPoolOptions::new()
            .max_connections(1)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    connection.execute(SET_FOR_MIGRATIONS).await?;
                    Ok(())
                })
            })
            .connect_lazy_with((*options).clone())
    }

    /// Number of connections, in use or idle.
    pub(super) fn size(&self) -> u32 {
        self.connections.size()
    }

    /// Closes all connections, each as soon as it is no longer in use.
    pub(super) async fn close(&self) {
        self.connections.close().await;
    }

    /// A connection in a transaction. `statements` begin the transaction, in one round trip.
    pub(super) async fn begin(&self, statements: String) -> Result<Connection, Error> {
        let mut connection = self.checked_out().await?;
        // Set before the answer, because the transaction may have begun even if the request is cancelled now.
        connection.is_in_transaction = true;
        connection
            .execute(raw_sql(AssertSqlSafe(statements)))
            .await?;
        Ok(connection)
    }

    /// A connection in a transaction whose statements may take longer than those of a request.
    pub(super) async fn begin_work(&self) -> Result<Connection, Error> {
        let mut connection = self.begin(BEGIN_WORK.to_owned()).await?;
        connection.watch.limit = WORK_LIMIT;
        Ok(connection)
    }

    /// A connection for single statements.
    pub(crate) async fn acquire(&self) -> Result<Connection, Error> {
        let mut connection = self.checked_out().await?;
        if self.is_for_work {
            connection.watch.must_close = true;
            connection.execute(SET_WORK_LIMIT).await?;
            connection.watch.limit = WORK_LIMIT;
        }
        Ok(connection)
    }

    /// A connection of the pool. If no connection is idle and the pool may open another, waits for a moment for a
    /// connection on its way back before connecting.
    async fn checked_out(&self) -> Result<Connection, Error> {
        let most = self.connections.options().get_max_connections();
        if self.connections.num_idle() == 0 && self.size() < most {
            self.returning.next().await;
        }
        Ok(Connection {
            raw: Some(self.connections.acquire().await?),
            returning: Arc::clone(&self.returning),
            watch: Watch {
                doubt: self.doubt.clone(),
                limit: ANSWER_LIMIT,
                must_close: false,
            },
            is_in_transaction: false,
        })
    }
}

impl Connection {
    /// Commits the transaction.
    pub(super) async fn commit(mut self) -> Result<(), Error> {
        self.execute("commit").await?;
        self.is_in_transaction = false;
        Ok(())
    }

    fn parts(&mut self) -> Result<(&mut PgConnection, &mut Watch), Error> {
        let raw = self.raw.as_deref_mut().ok_or(Error::PoolClosed)?;
        Ok((raw, &mut self.watch))
    }

    /// The whole answer to a query.
    async fn all<'q, E: 'q + Execute<'q, Postgres>>(
        &mut self,
        query: E,
    ) -> Result<Vec<Step>, Error> {
        let (raw, watch) = self.parts()?;
        watch.answered(raw.fetch_many(query).try_collect()).await
    }
}

impl Watch {
    /// Waits for PostgreSQL's answer, but not longer than the limit. After an error that makes the connection useless,
    /// the connection is closed after use.
    async fn answered<T>(
        &mut self,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let answer = within(self.limit, answer).await;
        if let Err(error) = &answer
            && ends_connection(error)
        {
            self.must_close = true;
            self.doubt.raise();
        }
        answer
    }
}

impl Drop for Connection {
    /// Returns the connection to its pool, or closes the connection.
    fn drop(&mut self) {
        let Some(mut raw) = self.raw.take() else {
            return;
        };
        let Ok(runtime) = Handle::try_current() else {
            drop(raw.detach());
            return;
        };
        if self.watch.must_close {
            raw.close_on_drop();
            return;
        }
        let on_its_way = Arc::clone(&self.returning).begin();
        let (is_in_transaction, doubt) = (self.is_in_transaction, self.watch.doubt.clone());
        runtime.spawn(async move {
            give_back(raw, is_in_transaction, doubt).await;
            drop(on_its_way);
        });
    }
}

/// Returns a connection to its pool, after a rollback if the connection is in a transaction. A connection that is not
/// ready in time is dropped, which closes the connection and frees its place.
async fn give_back(mut raw: PoolConnection<Postgres>, is_in_transaction: bool, doubt: Doubt) {
    if is_in_transaction && within(PING_LIMIT, raw.execute("rollback")).await.is_err() {
        doubt.raise();
        drop(raw.detach());
        return;
    }
    if timeout(PING_LIMIT, raw.return_to_pool()).await.is_err() {
        doubt.raise();
    }
}

impl<'c> Executor<'c> for &'c mut Connection {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Step, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        steps(async move { self.all(query).await })
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        async move {
            let (raw, watch) = self.parts()?;
            watch.answered(raw.fetch_optional(query)).await
        }
        .boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'c: 'e,
    {
        async move {
            let (raw, watch) = self.parts()?;
            watch.answered(raw.prepare_with(sql, parameters)).await
        }
        .boxed()
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'c: 'e,
    {
        async move {
            let (raw, watch) = self.parts()?;
            watch.answered(raw.describe(sql)).await
        }
        .boxed()
    }
}

impl<'p> Executor<'p> for &'p Pool {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Step, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        steps(async move { self.acquire().await?.all(query).await })
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        async move { self.acquire().await?.fetch_optional(query).await }.boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'p: 'e,
    {
        async move { self.acquire().await?.prepare_with(sql, parameters).await }.boxed()
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'p: 'e,
    {
        async move { self.acquire().await?.describe(sql).await }.boxed()
    }
}

/// PostgreSQL's answer, or the error [`silence`] after the limit.
pub(crate) async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    timeout(limit, answer)
        .await
        .unwrap_or_else(|_| Err(silence()))
}

/// The error when PostgreSQL has not answered in time.
pub(super) fn silence() -> Error {
    let error = io::Error::new(io::ErrorKind::TimedOut, "PostgreSQL does not answer");
    Error::Io(error)
}

/// The steps of an answer that was read as a whole.
fn steps<'e>(
    answer: impl Future<Output = Result<Vec<Step>, Error>> + Send + 'e,
) -> BoxStream<'e, Result<Step, Error>> {
    stream::once(answer)
        .map_ok(|steps| stream::iter(steps).map(Ok))
        .try_flatten()
        .boxed()
}
