//! What PostgreSQL reads to answer a request's look-up.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::Arc;

use latchkey_core::{
    session::{Activity, Resumed},
    settings::Settings,
    testing::{self, TestBed},
};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// A thousand rows more in each table. PostgreSQL reads a table of this size in order if its plan lets it.
const MANY: &str = "
    insert into users (id, login, login_key, name, is_administrator, created_at)
    select gen_random_uuid(), login || n, login_key || n, name, is_administrator, created_at
    from users, generate_series(1, 1000) n;
    insert into sessions (id, user_id, authenticated_by, created_at, last_active_at,
        idle_expires_at, user_agent, confirmed_at)
    select gen_random_uuid(), user_id, authenticated_by, created_at,
        last_active_at, idle_expires_at, user_agent, confirmed_at
    from sessions, generate_series(1, 1000) n;
    insert into session_tokens (session_id, token_hash, issued_at)
    select id, sha256(id::text::bytea), created_at from sessions
    on conflict do nothing;
    analyze sessions, session_tokens, users";

#[sqlx::test(migrations = false)]
async fn a_look_up_reads_no_table_from_its_beginning_to_its_end(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    bed.core.databases.close().await;
    let fill = testing::look(options.clone()).await;
    sqlx::raw_sql(MANY).execute(&fill).await.unwrap();
    fill.close().await;
    // A connection tells PostgreSQL what it has read at its end at the latest.
    let look = testing::look(options.clone()).await;
    testing::until_alone(&look).await;
    let before = rows_read_in_order(&look).await;

    let settings = Settings::default();
    let core = testing::core(options, settings, Vec::new(), Arc::clone(&bed.clock));
    let name = bed.database.name();
    let database = core.databases.open_any(name).await.unwrap();
    let client = testing::client();
    for _ in 0..20 {
        let resumed = core
            .sessions
            .resume(&database, &opened.token, &client, Activity::Person);
        assert!(matches!(resumed.await.unwrap(), Resumed::Live(_)));
    }
    core.databases.close().await;
    testing::until_alone(&look).await;
    let read = rows_read_in_order(&look).await - before;
    // To open a database reads each table once. A look-up that did so would read 20,000 rows.
    assert!(read < 10_000, "{read}");
}

async fn rows_read_in_order(look: &PgPool) -> i64 {
    sqlx::query_scalar(
        "select sum(seq_tup_read)::bigint from pg_stat_user_tables
        where relname in ('sessions', 'users')",
    )
    .fetch_one(look)
    .await
    .unwrap()
}
