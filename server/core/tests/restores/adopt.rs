//! `latchkey db adopt` adopts databases that PostgreSQL's tools restored, with or without the parts that a dump omits.

use std::{collections::BTreeSet, path::PathBuf, process::Command};

use latchkey_core::{
    Core,
    database::{AdoptError, BrokenDatabase, OpenDatabaseError},
    log_in::OpenedSession,
    session::{Activity, EndCause, Resumed},
    settings::Settings,
    testing::{self, PASSWORD, TestBed, client},
    user::Role,
};
use sqlx::ConnectOptions as _;

use crate::{
    RELEASE_BEFORE, end_cause,
    tools::{Server, run, tool},
};

/// All objects that Latchkey creates in a database, with owners and privileges written out. A dump puts other brackets
/// around the conditions of triggers.
const CATALOG: &str = "
with tables as (
    select * from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'S', 'v')
), privileges as (
    select relname || ' ' || acl::text as line
    from tables, aclexplode(coalesce(relacl, acldefault('r', relowner))) acl
    union all
    select relname || '.' || attname || ' ' || acl::text
    from tables join pg_attribute on attrelid = tables.oid, aclexplode(attacl) acl
    union all
    select proname || ' ' || acl::text
    from pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) acl
    where pronamespace = 'public'::regnamespace
)
select line from privileges
union all
select format('%s owner %s rls %s %s', relname, relowner::regrole, relrowsecurity, relforcerowsecurity) from tables
union all
select format('%s.%s %s %s %s', relname, attname, format_type(atttypid, atttypmod), attnotnull,
    pg_get_expr(adbin, adrelid))
from tables join pg_attribute on attrelid = tables.oid and attnum > 0 and not attisdropped
left join pg_attrdef on adrelid = attrelid and adnum = attnum
union all
select format('%s %s %s %s %s %s', polrelid::regclass, polname, polcmd, polroles::regrole[],
    pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
from pg_policy
union all
select format('%s %s', tgenabled, translate(pg_get_triggerdef(pg_trigger.oid), '()', '')) from pg_trigger
join tables on tgrelid = tables.oid where not tgisinternal
union all
select format('%s %s', pg_get_functiondef(oid), proowner::regrole) from pg_proc where pronamespace = 'public'::regnamespace
union all
select pg_get_constraintdef(pg_constraint.oid) from pg_constraint join tables on conrelid = tables.oid
union all
select pg_get_indexdef(indexrelid) from pg_index join tables on indrelid = tables.oid
union all
select format('%s %s', datdba::regrole, shobj_description(oid, 'pg_database'))
from pg_database where datname = current_database()
union all
select 'usage ' || has_schema_privilege('latchkey_restricted', 'public', 'usage')
order by 1";

/// A production server with a database, a dump of it, and a session that was live in it.
struct Original {
    server: Server,
    bed: TestBed,
    opened: OpenedSession,
}

impl Original {
    async fn new() -> Self {
        let server = Server::start();
        let bed = TestBed::new(server.create("acme").await).await;
        let opened = bed.log_in().await;
        Self {
            server,
            bed,
            opened,
        }
    }

    /// A node on another server, as the given PostgreSQL user.
    fn node(&self, server: &Server, user: &str) -> Core {
        let options = server.options("postgres").username(user);
        let options = options.application_name("latchkey");
        testing::core(
            options,
            Settings::default(),
            Vec::new(),
            self.bed.clock.clone(),
        )
    }

    /// Checks that Ada can log in to a database of the node and sees only that device.
    async fn is_served(&self, core: &Core, name: &str) -> OpenedSession {
        let database = core.databases.open_any(&name.parse().unwrap()).await;
        let database = database.unwrap();
        let attempt = testing::attempt("ada@example.com", PASSWORD);
        let opened = core.log_in.attempt(&database, attempt).await.unwrap();
        let client = client();
        let resumed = core
            .sessions
            .resume(&database, &opened.token, &client, Activity::Person);
        let Resumed::Live(caller) = resumed.await.unwrap() else {
            panic!("the session has just been opened");
        };
        assert_eq!(core.sessions.list(&caller).await.unwrap().len(), 1);
        opened
    }
}

async fn adopt(server: &Server, core: &Core, name: &str) -> Result<u64, AdoptError> {
    server.until_left().await;
    core.databases.prepare_role().await.unwrap();
    core.databases.adopt(&name.parse().unwrap()).await
}

async fn is_listed(core: &Core, name: &str) -> bool {
    let names = core.databases.list().await.unwrap();
    names.contains(&name.parse().unwrap())
}

/// Checks that a database has the same objects as a database that Latchkey has just created.
async fn is_like_a_fresh_one(core: &Core, server: &Server, adopted: &str) {
    let name = "fresh".parse().unwrap();
    let ada = testing::new_user("ada@example.com", "Ada", Role::Person);
    core.users.create_database(&name, ada).await.unwrap();
    let fresh: BTreeSet<String> = server.lines("fresh", CATALOG).await.into_iter().collect();
    let found: BTreeSet<String> = server.lines(adopted, CATALOG).await.into_iter().collect();
    let differences: Vec<&String> = fresh.symmetric_difference(&found).collect();
    assert!(differences.is_empty(), "{differences:#?}");
    core.databases.drop_database(&name).await.unwrap();
}

/// A dump in a format that `pg_restore` or `psql` reads, with further arguments.
fn dump(server: &Server, format: &str, arguments: &[&str]) -> PathBuf {
    let file = server.file(&format!("acme.{format}"));
    let mut dump = tool("pg_dump");
    dump.args(["--format", format, "--file"]).arg(&file);
    run(dump.args(arguments).arg(server.url("acme")));
    file
}

fn psql(server: &Server, database: &str, file: &PathBuf) -> Command {
    let mut psql = tool("psql");
    psql.args(["--quiet", "--no-psqlrc", "--file"])
        .arg(file)
        .arg(server.url(database));
    psql
}

#[tokio::test]
async fn an_adopted_database_is_like_a_fresh_one_and_has_no_session_of_the_original() {
    let original = Original::new().await;
    let bare = ["--no-owner", "--no-acl"];
    let forms: [(&str, &[&str]); 4] = [
        ("custom", &[]),
        ("custom", &bare),
        ("plain", &[]),
        ("directory", &bare),
    ];
    let elsewhere = Server::start();
    for (format, arguments) in forms {
        let file = dump(&original.server, format, arguments);
        // A dump never contains roles, so the first restore complains and omits policies.
        elsewhere.create("moved").await;
        match format {
            "plain" => drop(psql(&elsewhere, "moved", &file).output().unwrap()),
            _ => elsewhere.restore_in_part(&file, "moved", &[]),
        }
        let core = original.node(&elsewhere, "latchkey");
        assert!(!is_listed(&core, "moved").await);
        let found = core.databases.unadopted().await.unwrap();
        assert_eq!(found, ["moved".parse().unwrap()]);

        assert_eq!(
            adopt(&elsewhere, &core, "moved").await.unwrap(),
            1,
            "{format}"
        );
        is_like_a_fresh_one(&core, &elsewhere, "moved").await;
        let opened = original.is_served(&core, "moved").await;
        let cause = end_cause(&core, "moved", &original.opened).await;
        assert_eq!(cause, Some(EndCause::DatabaseCopied));

        assert_eq!(adopt(&elsewhere, &core, "moved").await.unwrap(), 0);
        assert_eq!(end_cause(&core, "moved", &opened).await, None);
        core.databases
            .drop_database(&"moved".parse().unwrap())
            .await
            .unwrap();
        core.databases.close().await;
        let forget = "drop role latchkey_restricted";
        elsewhere.execute("postgres", forget).await;
        if file.is_dir() {
            std::fs::remove_dir_all(file).unwrap();
        }
    }
    original.bed.caller(&original.opened).await;
}

#[tokio::test]
async fn a_dump_of_the_release_before_is_adopted_beside_the_original() {
    let original = Original::new().await;
    let server = &original.server;
    server.execute("acme", RELEASE_BEFORE).await;
    let file = dump(server, "custom", &["--no-acl", "--no-owner"]);
    server.create("copy").await;
    server.restore(&file, "copy", &[]);
    // A policy is missing that a later migration replaces, as if the restore had omitted it.
    let drop = "drop policy own_sessions on sessions";
    server.execute("copy", drop).await;
    let core = original.node(server, "latchkey");
    assert_eq!(adopt(server, &core, "copy").await.unwrap(), 1);
    is_like_a_fresh_one(&core, server, "copy").await;
    original.is_served(&core, "copy").await;
    let itself = end_cause(&core, "acme", &original.opened).await;
    assert_eq!(itself, None);
}

#[tokio::test]
async fn what_only_a_superuser_may_do_is_said_word_by_word() {
    let original = Original::new().await;
    let file = original.server.dump("acme");
    let elsewhere = Server::start();
    for statement in [
        "create role latchkey_restricted; create role plain login createdb; create role other",
        "grant latchkey_restricted to plain",
        "create database moved owner other",
    ] {
        elsewhere.execute("postgres", statement).await;
    }
    elsewhere.restore(&file, "moved", &["--no-owner", "--no-acl"]);
    let core = original.node(&elsewhere, "plain");
    let Err(AdoptError::MayNotOwn(statements)) = adopt(&elsewhere, &core, "moved").await else {
        panic!("plain is no superuser");
    };
    let before = elsewhere.lines("moved", CATALOG).await;
    assert!(matches!(
        adopt(&elsewhere, &core, "moved").await,
        Err(AdoptError::MayNotOwn(_))
    ));
    assert_eq!(elsewhere.lines("moved", CATALOG).await, before);

    elsewhere.execute("moved", &statements.join("; ")).await;
    assert_eq!(adopt(&elsewhere, &core, "moved").await.unwrap(), 1);
    original.is_served(&core, "moved").await;
    is_like_a_fresh_one(&core, &elsewhere, "moved").await;
}

#[tokio::test]
async fn what_was_restored_in_part_is_named_and_left_as_it_is() {
    let original = Original::new().await;
    let file = original.server.dump("acme");
    let elsewhere = Server::start();
    let core = original.node(&elsewhere, "latchkey");
    core.databases.prepare_role().await.unwrap();
    for (damage, missing) in [
        ("drop table superseded_tokens", "table superseded_tokens"),
        (
            "alter table sessions disable trigger all",
            "trigger keep_session_address of sessions",
        ),
        (
            "drop function notify_of_session cascade",
            "function notify_of_session()",
        ),
        ("drop index sessions_by_end", "index sessions_by_end"),
        (
            "alter table sessions drop constraint sessions_end_whole",
            "constraint sessions_end_whole of sessions",
        ),
        (
            "alter table sessions drop column device_name cascade",
            "column device_name of sessions",
        ),
    ] {
        elsewhere.create("half").await;
        elsewhere.restore(&file, "half", &["--no-acl"]);
        elsewhere.execute("half", damage).await;
        let before = elsewhere.lines("half", CATALOG).await;
        let error = adopt(&elsewhere, &core, "half").await.unwrap_err();
        let AdoptError::InPart(parts) = error else {
            panic!("{damage}: {error}");
        };
        assert!(parts.iter().any(|part| part == missing), "{parts:?}");
        assert_eq!(elsewhere.lines("half", CATALOG).await, before, "{damage}");
        assert!(!is_listed(&core, "half").await);
        elsewhere.execute("postgres", "drop database half").await;
    }
}

#[tokio::test]
async fn what_is_not_ours_newer_or_in_use_is_not_adopted() {
    let original = Original::new().await;
    let server = &original.server;
    original.bed.core.databases.close().await;
    let core = original.node(server, "latchkey");
    assert!(matches!(
        adopt(server, &core, "nowhere").await,
        Err(AdoptError::Unknown)
    ));
    assert!(matches!(
        adopt(server, &core, "template1").await,
        Err(AdoptError::Unknown)
    ));
    server.create("empty").await;
    assert!(matches!(
        adopt(server, &core, "empty").await,
        Err(AdoptError::NotOurs)
    ));

    let open = server.options("acme").application_name("restoring");
    let open = open.connect().await.unwrap();
    let Err(AdoptError::InUse(programs)) = adopt(server, &core, "acme").await else {
        panic!("a program is connected");
    };
    assert!(programs.concat().starts_with("restoring (process "));
    drop(open);

    let newer =
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
        values (999999, 'of a newer release', true, '', 0)";
    let other = "update _sqlx_migrations set checksum = 'x' where version = 3";
    let foreign = "update _sqlx_migrations set checksum = 'x' where version = 1";
    for (change, expected) in [
        (newer, "update Latchkey first"),
        (other, "migration 3"),
        (foreign, "not a Latchkey database"),
    ] {
        server
            .execute("postgres", "create database changed template acme")
            .await;
        server.execute("changed", change).await;
        let error = adopt(server, &core, "changed")
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{error}");
        assert!(!is_listed(&core, "changed").await);
        server.execute("postgres", "drop database changed").await;
    }
}

#[tokio::test]
async fn a_marked_database_that_is_not_complete_is_left_out_as_it_is() {
    let original = Original::new().await;
    let file = original.server.dump("acme");
    let elsewhere = Server::start();
    let core = original.node(&elsewhere, "latchkey");
    core.databases.prepare_role().await.unwrap();
    let mark = "comment on database moved is 'Latchkey database'";
    elsewhere.create("moved").await;
    elsewhere.execute("moved", mark).await;
    let is_left_out = async || {
        let before = elsewhere.lines("moved", CATALOG).await;
        let opened = core.databases.open_any(&"moved".parse().unwrap()).await;
        let broken = BrokenDatabase::Incomplete;
        let error = opened.err().unwrap();
        assert!(matches!(
            &error,
            OpenDatabaseError::Broken(BrokenDatabase::Incomplete)
        ));
        assert_eq!(error.to_string(), broken.to_string());
        assert!(error.to_string().contains("latchkey db adopt"));
        assert_eq!(elsewhere.lines("moved", CATALOG).await, before);
    };
    // A restore has begun. A migration now would create the objects that the restore brings.
    is_left_out().await;
    elsewhere.restore(&file, "moved", &["--section", "pre-data", "--no-acl"]);
    is_left_out().await;
    elsewhere.restore(&file, "moved", &["--section", "data"]);
    is_left_out().await;
    elsewhere.restore(&file, "moved", &["--section", "post-data", "--no-acl"]);
    is_left_out().await;
    adopt(&elsewhere, &core, "moved").await.unwrap();
    original.is_served(&core, "moved").await;
}
