//! Each error of PostgreSQL has its answer: try later, no such database, or a fault of Latchkey.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use latchkey_core::{
    Core, StoreError,
    database::OpenDatabaseError,
    log_in::OpenedSession,
    session::{Activity, Resumed},
    settings::Settings,
    testing::{self, Proxy, TestBed},
};
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

type Pool = PgPoolOptions;
type Options = PgConnectOptions;

/// Errors that pass by themselves.
const PASSING: &str = "
    08000 08001 08003 08004 08006 08007 08P01
    25006 25P03 25P04 26000 28000 28P01 40000 40001 40003 40P01 42P05
    53000 53100 53200 53300 53400 55006 55P03
    57000 57014 57P01 57P02 57P03 57P05 58000 58030 72000";

/// Errors which say that the database does not exist.
const GONE: &str = "3D000 57P04";

/// All other errors of <https://www.postgresql.org/docs/current/errcodes-appendix.html>: faults of Latchkey, of the
/// schema or of the data.
const OURS: &str = "
    01000 0100C 01008 01003 01007 01006 01004 01P01 02000 02001 03000 09000 0A000 0B000
    0F000 0F001 0L000 0LP01 0P000 0Z000 0Z002 10608 20000 21000
    22000 2202E 22021 22008 22012 22005 2200B 22022 22015 2201E 22014 22016 2201F 2201G 22018 22007
    22019 2200D 22025 22P06 22010 22023 22013 2201B 2201W 2201X 2202H 2202G 22009 2200C 2200G 22004
    22002 22003 2200H 22026 22001 22011 22027 22024 2200F 22P01 22P02 22P03 22P04 22P05 2200L 2200M
    2200N 2200S 2200T 22030 22031 22032 22033 22034 22035 22036 22037 22038 22039 2203A 2203B 2203C
    2203D 2203E 2203F 2203G 23000 23001 23502 23503 23505 23514 23P01 24000
    25000 25001 25002 25008 25003 25004 25005 25007 25P01 25P02
    27000 2B000 2BP01 2D000 2F000 2F005 2F002 2F003 2F004 34000 38000 38001 38002 38003 38004
    39000 39001 39004 39P01 39P02 39P03 3B000 3B001 3F000 40002
    42000 42601 42501 42846 42803 42P20 42P19 42830 42602 42622 42939 42804 42P18 42P21 42P22 42809
    428C9 42703 42883 42P01 42P02 42704 42701 42P03 42P04 42723 42P06 42P07 42712 42710 42702 42725
    42P08 42P09 42P10 42611 42P11 42P12 42P13 42P14 42P15 42P16 42P17 44000
    54000 54001 54011 54023 55000 55P02 55P04 58P01 58P02 58P03 F0000 F0001
    HV000 HV005 HV002 HV010 HV021 HV024 HV007 HV008 HV004 HV006 HV091 HV00B HV00C HV00D HV090 HV00A
    HV009 HV014 HV001 HV00P HV00J HV00K HV00Q HV00R HV00L HV00M HV00N
    P0000 P0001 P0002 P0003 P0004 XX000 XX001 XX002";

/// An error with this code, raised by PostgreSQL.
async fn raised(connection: &mut PgConnection, code: &str) -> StoreError {
    let raise = format!("do $$ begin raise exception using errcode = '{code}'; end $$");
    let raised = sqlx::raw_sql(AssertSqlSafe(raise)).execute(connection);
    let error = raised.await.unwrap_err();
    assert_eq!(error.as_database_error().unwrap().code().unwrap(), code);
    error.into()
}

#[sqlx::test(migrations = false)]
async fn every_error_of_postgresql_has_its_answer(_: Pool, options: Options) {
    let mut connection = PgConnection::connect_with(&options).await.unwrap();
    for (codes, right) in [(PASSING, "passing"), (GONE, "gone"), (OURS, "ours")] {
        for code in codes.split_whitespace() {
            let answer = match raised(&mut connection, code).await {
                StoreError::Unavailable(_) => "passing",
                StoreError::DatabaseGone(_) => "gone",
                StoreError::Failed(_) => "ours",
            };
            assert_eq!(answer, right, "{code}");
        }
    }
}

/// A node with one connection to the test's database, and a connection beside the node.
struct Bed {
    test: TestBed,
    opened: OpenedSession,
    node: Core,
    elsewhere: PgPool,
    _proxy: Proxy,
}

impl Bed {
    async fn new(options: &Options) -> Self {
        let test = TestBed::new(options.clone()).await;
        let opened = test.log_in().await;
        let proxy = Proxy::start(options);
        let mut settings = Settings::default();
        settings.databases.max_connections = 1;
        let (through, clock) = (proxy.options(options), test.clock.clone());
        let node = testing::core(
            through.application_name("node"),
            settings,
            Vec::new(),
            clock,
        );
        Self {
            test,
            opened,
            node,
            elsewhere: testing::look(options.clone()).await,
            _proxy: proxy,
        }
    }

    /// Lets the node resume the session.
    async fn resume(&self) -> Result<(), StoreError> {
        let name = self.test.database.name();
        let database = match self.node.databases.open_any(name).await {
            Ok(database) => database,
            Err(OpenDatabaseError::Store(error)) => return Err(error),
            Err(other) => panic!("{other}"),
        };
        let client = testing::client();
        let token = &self.opened.token;
        let resumed = self
            .node
            .sessions
            .resume(&database, token, &client, Activity::Person)
            .await?;
        assert!(matches!(resumed, Resumed::Live(_)));
        Ok(())
    }

    /// A request is answered with "later", and the next request or the one after succeeds.
    async fn passes(&self, what: &str) {
        let first = self.resume().await;
        assert!(
            matches!(first, Ok(()) | Err(StoreError::Unavailable(_))),
            "{what}: {first:?}"
        );
        let again = self.resume().await;
        assert!(again.is_ok(), "{what}: {again:?}");
    }

    /// Runs a statement in the database, beside the node.
    async fn run(&self, statement: &str) {
        let statement = AssertSqlSafe(statement.to_owned());
        sqlx::raw_sql(statement)
            .execute(&self.elsewhere)
            .await
            .unwrap();
    }

    fn name(&self) -> &str {
        self.test.database.name().as_str()
    }
}

#[sqlx::test(migrations = false)]
async fn what_passes_is_answered_so_and_leaves_nothing_behind(_: Pool, options: Options) {
    let bed = Bed::new(&options).await;
    bed.passes("at first").await;

    bed.run(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity
        where datname = current_database() and application_name = 'node'",
    )
    .await;
    bed.passes("57P01").await;

    // Another node has migrated, so a prepared statement of the connection returns other columns.
    bed.run("alter table users alter column login type varchar(500)")
        .await;
    let refused = bed.resume().await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    bed.passes("0A000, again").await;
}

#[sqlx::test(migrations = false)]
async fn a_statement_that_is_cancelled_passes(_: Pool, options: Options) {
    let bed = Bed::new(&options).await;
    bed.passes("at first").await;
    let mut lock = bed.elsewhere.begin().await.unwrap();
    sqlx::raw_sql("lock table sessions")
        .execute(&mut *lock)
        .await
        .unwrap();
    let refused = bed.resume().await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))));
    lock.rollback().await.unwrap();
    bed.passes("55P03").await;
}

/// After a failover the old primary still answers reads, and connections to it remain.
#[sqlx::test(migrations = false)]
async fn a_connection_to_a_server_that_only_reads_is_not_kept(_: Pool, options: Options) {
    let bed = Bed::new(&options).await;
    bed.passes("at first").await;
    let name = bed.name();
    // The setting holds for new connections only, so the kept connection writes. Then the other way round.
    bed.run(&format!(
        "alter database \"{name}\" set default_transaction_read_only = on"
    ))
    .await;
    bed.passes("the old connection writes").await;
    bed.run(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity
        where datname = current_database() and application_name = 'node'",
    )
    .await;
    let refused = loop {
        match bed.resume().await {
            Err(error) if error.to_string().contains("not available") => {
                let cause = std::error::Error::source(&error).unwrap().to_string();
                if cause.contains("read-only") {
                    break error;
                }
            }
            Ok(()) => panic!("a server that only reads says who is logged in"),
            Err(other) => panic!("{other:?}"),
        }
    };
    assert!(matches!(refused, StoreError::Unavailable(_)));
    // The `elsewhere` connection is older than the setting, so it can write.
    bed.run(&format!(
        "alter database \"{name}\" set default_transaction_read_only = off"
    ))
    .await;
    let again = bed.resume().await;
    assert!(
        again.is_ok(),
        "the connection that only reads is gone: {again:?}"
    );
}

#[sqlx::test(migrations = false)]
async fn a_node_whose_server_only_reads_is_not_ready(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let clock = bed.clock.clone();
    let reads = |setting: &str| {
        let options = options
            .clone()
            .options([("default_transaction_read_only", setting)]);
        testing::core(options, Settings::default(), Vec::new(), clock.clone())
    };
    assert!(reads("off").databases.is_ready().await.is_ok());
    let refused = reads("on").databases.is_ready().await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))));
    assert!(reads("on").databases.ping().await.is_ok());
}
