//! Databases that PostgreSQL's own tools copied or restored. Their sessions end.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod adopt;
mod tools;

use latchkey_core::{
    Core,
    log_in::OpenedSession,
    session::{Activity, EndCause, Resumed},
    settings::Settings,
    testing::{self, TestBed, client},
};
use tools::Server;

/// Another node on a database of a server.
fn node(bed: &TestBed, server: &Server, database: &str) -> Core {
    let options = server.options(database);
    testing::core(options, Settings::default(), Vec::new(), bed.clock.clone())
}

/// The cause of a session's end, as a node sees it in a database; `None` if the session is live.
async fn end_cause(core: &Core, database: &str, opened: &OpenedSession) -> Option<EndCause> {
    let database = core
        .databases
        .open_any(&database.parse().unwrap())
        .await
        .unwrap();
    let client = client();
    let resumed = core
        .sessions
        .resume(&database, &opened.token, &client, Activity::Person);
    match resumed.await.unwrap() {
        Resumed::Live(_) => None,
        Resumed::Ended(ended) => Some(ended.cause),
        Resumed::Pending(_) | Resumed::Unknown => panic!("the session is not in the database"),
    }
}

/// Checks that a node that starts on a database refuses a session of the original.
async fn is_refused_at_start(bed: &TestBed, server: &Server, name: &str, opened: &OpenedSession) {
    let node = node(bed, server, name);
    assert_eq!(
        end_cause(&node, name, opened).await,
        Some(EndCause::DatabaseCopied)
    );
    node.databases.close().await;
}

/// Checks that a node that has the database open refuses a session of the original after its next sweep.
async fn is_refused_after_a_sweep(bed: &TestBed, opened: &OpenedSession) {
    bed.core
        .sweeper
        .sweep_by_name(bed.database.name())
        .await
        .unwrap();
    let name = bed.database.name().as_str();
    assert_eq!(
        end_cause(&bed.core, name, opened).await,
        Some(EndCause::DatabaseCopied)
    );
}

#[tokio::test]
async fn a_dump_restored_on_a_server_made_alike_logs_no_person_in() {
    let (production, staging) = (Server::start(), Server::start());
    let original = TestBed::new(production.create("acme").await).await;
    let opened = original.log_in().await;
    let copy = TestBed::new(staging.create("acme").await).await;
    let oid = "select oid::text from pg_database where datname = current_database()";
    assert_eq!(
        production.lines("acme", oid).await,
        staging.lines("acme", oid).await,
        "the OID tells nothing"
    );
    let dump = production.dump("acme");
    staging.restore(&dump, "acme", &["--clean"]);

    is_refused_after_a_sweep(&copy, &opened).await;
    copy.caller(&copy.log_in().await).await;
    staging.restore(&dump, "acme", &["--clean", "--single-transaction"]);
    is_refused_at_start(&copy, &staging, "acme", &opened).await;
    original.caller(&opened).await;
    original
        .core
        .sweeper
        .sweep(&original.database)
        .await
        .unwrap();
    original.caller(&opened).await;
}

#[tokio::test]
async fn a_restore_in_place_revives_no_session() {
    let server = Server::start();
    let bed = TestBed::new(server.create("acme").await).await;
    let (ended, living) = (bed.log_in().await, bed.log_in().await);
    let dump = server.dump("acme");
    bed.core
        .sessions
        .log_out(&*bed.caller(&ended).await)
        .await
        .unwrap();
    server.restore(&dump, "acme", &["--clean"]);
    is_refused_after_a_sweep(&bed, &ended).await;
    is_refused_after_a_sweep(&bed, &living).await;
    bed.caller(&bed.log_in().await).await;

    server.restore(&dump, "acme", &["--clean", "--single-transaction"]);
    is_refused_at_start(&bed, &server, "acme", &ended).await;
    is_refused_at_start(&bed, &server, "acme", &living).await;
}

#[tokio::test]
async fn restored_data_revives_no_session() {
    let server = Server::start();
    let bed = TestBed::new(server.create("acme").await).await;
    let ended = bed.log_in().await;
    let dump = server.dump("acme");
    bed.core
        .sessions
        .log_out(&*bed.caller(&ended).await)
        .await
        .unwrap();
    for emptied in [
        "users",
        "users, identity",
        "users, identity, _sqlx_migrations",
    ] {
        let truncate = format!("truncate {emptied} cascade");
        server.execute("acme", &truncate).await;
        server.restore_in_part(&dump, "acme", &["--data-only", "--disable-triggers"]);
        is_refused_after_a_sweep(&bed, &ended).await;
        let opened = bed.log_in().await;
        bed.core.sweeper.sweep(&bed.database).await.unwrap();
        bed.caller(&opened).await;
    }
}

#[tokio::test]
async fn a_sweep_in_the_middle_of_a_restore_saves_no_session() {
    let server = Server::start();
    let bed = TestBed::new(server.create("acme").await).await;
    let opened = bed.log_in().await;
    let dump = server.dump("acme");
    server
        .execute("acme", "truncate users, identity cascade")
        .await;
    server.restore(&dump, "acme", &["--data-only", "--table", "identity"]);
    bed.core.sweeper.sweep(&bed.database).await.unwrap();
    let mut data = vec!["--data-only", "--disable-triggers"];
    for table in ["users", "passwords", "sessions", "session_tokens"] {
        data.extend(["--table", table]);
    }
    server.restore(&dump, "acme", &data);
    is_refused_after_a_sweep(&bed, &opened).await;
}

#[tokio::test]
async fn a_copy_made_from_a_template_logs_no_person_in() {
    let server = Server::start();
    let bed = TestBed::new(server.create("acme").await).await;
    let opened = bed.log_in().await;
    bed.core.databases.close().await;
    let copy = "create database copy template acme";
    server.execute("postgres", copy).await;
    let mark = "comment on database copy is 'Latchkey database'";
    server.execute("postgres", mark).await;
    is_refused_at_start(&bed, &server, "copy", &opened).await;
    let original = node(&bed, &server, "postgres");
    assert_eq!(end_cause(&original, "acme", &opened).await, None);
}

#[tokio::test]
async fn a_renamed_database_keeps_its_sessions() {
    let server = Server::start();
    let bed = TestBed::new(server.create("acme").await).await;
    let opened = bed.log_in().await;
    bed.core.databases.close().await;
    let rename = "alter database acme rename to globex";
    server.execute("postgres", rename).await;
    let node = node(&bed, &server, "postgres");
    assert_eq!(end_cause(&node, "globex", &opened).await, None);
}

/// Neither rewritten rows nor a start over the same files make a database a copy. A standby that takes over starts over
/// the same files. So a snapshot of the files is no copy either, as the manual says.
#[tokio::test]
async fn the_same_files_are_the_same_database() {
    let mut server = Server::start();
    let bed = TestBed::new(server.create("acme").await).await;
    let opened = bed.log_in().await;
    bed.core.databases.close().await;
    server.execute("acme", "vacuum freeze").await;
    server.execute("acme", "vacuum full").await;
    let files = server.snapshot();
    for server in [&server, &files] {
        let node = node(&bed, server, "acme");
        assert_eq!(end_cause(&node, "acme", &opened).await, None);
        node.databases.close().await;
    }
}

/// Undoes the migration, so that the schema is the one of the release before.
const RELEASE_BEFORE: &str = "
    alter table sessions drop column generation;
    drop function current_generation;
    alter table identity
        drop column system_identifier, drop column generation, drop column written_by,
        add primary key (database_oid);
    delete from _sqlx_migrations where version = 12";

#[tokio::test]
async fn an_update_keeps_the_sessions_of_a_database_that_is_itself() {
    let server = Server::start();
    let bed = TestBed::new(server.create("acme").await).await;
    let opened = bed.log_in().await;
    server.execute("acme", RELEASE_BEFORE).await;
    let itself = node(&bed, &server, "acme");
    assert_eq!(end_cause(&itself, "acme", &opened).await, None);

    server.execute("acme", RELEASE_BEFORE).await;
    let other = "update identity set database_oid = 1";
    server.execute("acme", other).await;
    is_refused_at_start(&bed, &server, "acme", &opened).await;
}

#[tokio::test]
async fn an_owner_without_further_rights_finds_a_copy() {
    let server = Server::start();
    server
        .execute("postgres", "create role latchkey_restricted; create role plain login createdb; grant latchkey_restricted to plain")
        .await;
    server
        .execute("postgres", "create database acme owner plain")
        .await;
    let options = server.options("acme").username("plain");
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    let dump = server.dump("acme");
    server.restore(&dump, "acme", &["--clean"]);
    is_refused_after_a_sweep(&bed, &opened).await;
    bed.caller(&bed.log_in().await).await;
}
