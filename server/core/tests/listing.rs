//! Requests share the listing of databases, and no request gets an old list.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use futures::future::{join_all, try_join_all};
use latchkey_core::testing::{self, Statements, TestBed};
use sqlx::{
    AssertSqlSafe,
    postgres::{PgConnectOptions, PgPoolOptions},
};

#[sqlx::test(migrations = false)]
async fn requests_that_ask_at_once_share_a_listing(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options).await;
    let statements = Statements::count(async {
        let listings = join_all((0..20).map(|_| bed.core.databases.list())).await;
        for listed in listings {
            assert!(listed.unwrap().contains(bed.database.name()));
        }
    });
    let statements = statements.await;
    assert!((1..=2).contains(&statements), "{statements}");
}

/// A stranger may ask for the listing as often as they like.
#[sqlx::test(migrations = false)]
async fn a_listing_costs_in_proportion_to_the_databases(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let plan = bed.core.databases.plan_of_list().await.unwrap().join("\n");
    assert!(plan.contains("hashed SubPlan"), "{plan}");
    assert!(!plan.contains("Join") && !plan.contains("Loop"), "{plan}");
}

/// The marker comes and goes while other requests list databases without a pause.
#[sqlx::test(migrations = false)]
async fn a_shared_listing_is_never_older_than_its_question(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let look = testing::look(options).await;
    let (databases, name) = (&bed.core.databases, bed.database.name());
    let is_over = AtomicBool::new(false);
    let listing = try_join_all((0..8).map(|_| async {
        while !is_over.load(SeqCst) {
            databases.list().await?;
        }
        Ok::<_, latchkey_core::StoreError>(())
    }));
    let changing = async {
        for round in 0..100 {
            for mark in ["null", "'Latchkey database'"] {
                let change = format!("comment on database \"{name}\" is {mark}");
                sqlx::raw_sql(AssertSqlSafe(change))
                    .execute(&look)
                    .await
                    .unwrap();
                let is_listed = databases.list().await.unwrap().contains(name);
                assert_eq!(is_listed, mark != "null", "round {round}");
            }
        }
        is_over.store(true, SeqCst);
    };
    tokio::join!(listing, changing).0.unwrap();
}
