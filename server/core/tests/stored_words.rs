//! The words that PostgreSQL stores are the words of the types.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;

use futures::future::join_all;
use latchkey_core::{
    StoreError,
    access::PolicySetting,
    activity::ChangedBy,
    attempt::Outcome,
    audit::{AuditAction, AuditSubject},
    log_in::OpenedSession,
    session::{Activity, AuthenticatedBy, EndCause, Resumed, Step},
    testing::{self, TestBed},
    user::{DateFormat, Theme, TimeFormat},
};
use sqlx::postgres::{PgConnectOptions as Options, PgPoolOptions as Pool};
use strum::VariantNames;

/// The words between quotes in the constraint that permits a column's words.
async fn permitted(options: &Options, table: &str, column: &str) -> BTreeSet<String> {
    let constraint: String = sqlx::query_scalar(
        "select pg_get_constraintdef(c.oid) from pg_constraint c
        join pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
        where c.contype = 'c' and c.conrelid = $1::regclass and a.attname = $2
            and pg_get_constraintdef(c.oid) like '%''%'",
    )
    .bind(table)
    .bind(column)
    .fetch_one(&testing::look(options.clone()).await)
    .await
    .unwrap();
    let quoted = constraint.split('\'').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

#[sqlx::test(migrations = false)]
async fn a_column_permits_the_words_of_its_type_and_no_others(_: Pool, options: Options) {
    let _bed = TestBed::new(options.clone()).await;
    // A deleted user's sessions are deleted: no row has this cause.
    let causes: Vec<_> = EndCause::VARIANTS
        .iter()
        .copied()
        .filter(|word| *word != EndCause::UserDeleted.as_str())
        .collect();
    for (table, column, words) in [
        ("sessions", "authenticated_by", AuthenticatedBy::VARIANTS),
        ("sessions", "end_cause", &causes),
        ("sessions", "pending", Step::VARIANTS),
        ("log_in_attempts", "outcome", Outcome::VARIANTS),
        ("log_in_attempts", "factor", AuthenticatedBy::VARIANTS),
        ("password_changes", "changed_by", ChangedBy::VARIANTS),
        ("account_events", "done_by", ChangedBy::VARIANTS),
        (
            "audit_entries",
            "subject",
            <AuditSubject as VariantNames>::VARIANTS,
        ),
        ("audit_entries", "action", AuditAction::VARIANTS),
        (
            "policies",
            "setting",
            <PolicySetting as VariantNames>::VARIANTS,
        ),
        ("users", "theme", Theme::VARIANTS),
        ("users", "date_format", DateFormat::VARIANTS),
        ("users", "time_format", TimeFormat::VARIANTS),
    ] {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(
            permitted(&options, table, column).await,
            words,
            "{table}.{column}"
        );
    }
}

/// Opens a session, and writes a step that only a newer version knows.
async fn open_with_unknown_step(bed: &TestBed, options: &Options) -> OpenedSession {
    let opened = bed.log_in().await;
    let id = bed.caller(&opened).await.session.id;
    let tables = testing::look(options.clone()).await;
    sqlx::raw_sql("alter table sessions drop constraint sessions_pending_check")
        .execute(&tables)
        .await
        .unwrap();
    sqlx::query("update sessions set pending = array['second_factor'] where id = $1")
        .bind(id.as_uuid())
        .execute(&tables)
        .await
        .unwrap();
    opened
}

async fn resume(bed: &TestBed, opened: &OpenedSession) -> Result<Resumed, StoreError> {
    let (client, by) = (testing::client(), Activity::Person);
    bed.core
        .sessions
        .resume(&bed.database, &opened.token, &client, by)
        .await
}

#[sqlx::test(migrations = false)]
async fn a_session_with_an_unknown_step_fails_and_is_not_resumed(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let opened = open_with_unknown_step(&bed, &options).await;
    let resumed = resume(&bed, &opened).await;
    assert!(matches!(resumed, Err(StoreError::Failed(_))));
}

#[sqlx::test(migrations = false)]
async fn an_unknown_word_fails_no_request_that_shares_the_statement(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let known = bed.log_in().await;
    let unknown = open_with_unknown_step(&bed, &options).await;
    // All ask at once: all but the first share a statement.
    let asked = (0..10).flat_map(|_| [resume(&bed, &known), resume(&bed, &unknown)]);
    for answers in join_all(asked).await.chunks(2) {
        assert!(matches!(answers[0], Ok(Resumed::Live(_))));
        assert!(matches!(answers[1], Err(StoreError::Failed(_))));
    }
}
