//! The values that a session keeps.

use std::collections::BTreeMap;

use latchkey_core::{
    log_in::OpenedSession,
    session::{Caller, Context},
    testing::{self, TestBed},
};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

type Pool = PgPoolOptions;
type Options = PgConnectOptions;

async fn open(bed: &TestBed) -> OpenedSession {
    bed.log_in().await
}

/// The context with one value changed.
fn with(caller: &Caller, key: &str, value: Value) -> Context {
    let mut values = caller.context.values().clone();
    values.insert(key.to_owned(), value);
    Context::new(values)
}

async fn values(bed: &TestBed, opened: &OpenedSession) -> BTreeMap<String, Value> {
    bed.caller(opened).await.context.values().clone()
}

#[sqlx::test(migrations = false)]
async fn a_session_keeps_values_and_no_other_session_sees_them(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let (one, other) = (open(&bed).await, open(&bed).await);
    let caller = bed.caller(&one).await;
    assert_eq!(caller.context, Context::default());
    let context = with(&caller, "warehouse.shelf", json!({ "row": 7 }));
    bed.core
        .sessions
        .save_context(&caller, &context)
        .await
        .unwrap();
    let kept = values(&bed, &one).await;
    assert_eq!(kept["warehouse.shelf"], json!({ "row": 7 }));
    assert!(values(&bed, &other).await.is_empty());

    let caller = bed.caller(&one).await;
    let nothing = Context::default();
    bed.core
        .sessions
        .save_context(&caller, &nothing)
        .await
        .unwrap();
    assert!(values(&bed, &one).await.is_empty());
}

#[sqlx::test(migrations = false)]
async fn the_companies_of_a_session_are_no_value_of_a_handler(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let opened = open(&bed).await;
    let caller = bed.caller(&opened).await;
    let own = caller.companies.clone();
    for context in [with(&caller, "companies", json!([])), Context::default()] {
        let saved = bed.core.sessions.save_context(&caller, &context).await;
        saved.unwrap();
        assert!(values(&bed, &opened).await.is_empty());
        assert_eq!(bed.caller(&opened).await.companies, own);
    }
    // The session still names its company, so that a page can tell of the loss.
    let named: i32 =
        sqlx::query_scalar("select jsonb_array_length(context -> 'companies') from sessions")
            .fetch_one(&testing::look(options).await)
            .await
            .unwrap();
    assert_eq!(named, 1);
}

#[sqlx::test(migrations = false)]
async fn requests_that_change_different_values_at_once_all_succeed(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let opened = open(&bed).await;
    let caller = bed.caller(&opened).await;
    let keys: Vec<String> = (0..20).map(|number| format!("key{number}")).collect();
    let contexts = keys.iter().map(|key| with(&caller, key, json!(key)));
    let contexts: Vec<Context> = contexts.collect();
    let saves = contexts
        .iter()
        .map(|context| bed.core.sessions.save_context(&caller, context));
    for saved in futures::future::join_all(saves).await {
        saved.unwrap();
    }
    let kept = values(&bed, &opened).await;
    assert_eq!(kept.len(), keys.len());
    assert!(kept.iter().all(|(key, value)| *value == json!(key)));
}

#[sqlx::test(migrations = false)]
async fn saving_brings_no_ended_session_back(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let opened = open(&bed).await;
    let caller = bed.caller(&opened).await;
    bed.core.sessions.log_out(&caller).await.unwrap();
    let context = with(&caller, "late", json!(true));
    bed.core
        .sessions
        .save_context(&caller, &context)
        .await
        .unwrap();
    let stored: Vec<(Value, bool)> =
        sqlx::query_as("select context, ended_at is not null from sessions")
            .fetch_all(&testing::look(options).await)
            .await
            .unwrap();
    let [(context, true)] = stored.as_slice() else {
        panic!("the session has ended: {stored:?}");
    };
    assert_eq!(context.get("late"), None);
}
