//! Shared computers, confirmation, restarts, copies and the sweep.

use std::time::Duration;

use latchkey_core::{
    account::{ConfirmError, RenameUserError},
    session::{Computer, ConfirmationRequired, EndCause, PastSession, Resumed, SessionToken},
    settings::{SessionSettings, Settings},
    sweep::Swept,
    testing::{self, PASSWORD, TestBed, attempt, password},
    user::Login,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

async fn end_cause(bed: &TestBed, token: &SessionToken) -> Option<EndCause> {
    match bed.resume(token).await {
        Resumed::Ended(ended) => Some(ended.cause),
        Resumed::Live(_) | Resumed::Pending(_) | Resumed::Unknown => None,
    }
}

#[sqlx::test(migrations = false)]
async fn a_shared_computer_has_an_idle_timeout_of_its_own(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let mut shared = attempt("ada@example.com", PASSWORD);
    shared.computer = Computer::Shared;
    let shared = bed
        .core
        .log_in
        .attempt(&bed.database, shared)
        .await
        .unwrap();
    let own = bed.log_in().await;
    bed.clock.advance(Duration::from_secs(899));
    assert_eq!(bed.caller(&shared).await.session.computer, Computer::Shared);
    bed.clock.advance(Duration::from_secs(899));
    bed.caller(&shared).await;
    bed.clock.advance(15 * MINUTE);
    assert_eq!(end_cause(&bed, &shared.token).await, Some(EndCause::Idle));
    assert_eq!(bed.caller(&own).await.session.computer, Computer::Own);
}

#[sqlx::test(migrations = false)]
async fn an_identity_stays_confirmed_for_ten_minutes(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    bed.clock.advance(Duration::from_secs(599));
    let caller = bed.caller(&opened).await;
    bed.core.sessions.confirmed(&caller).unwrap();
    assert_eq!(bed.core.sessions.confirmed_for(&caller), SECOND);
    bed.clock.advance(SECOND);
    assert_eq!(
        bed.core.sessions.confirmed(&caller).err(),
        Some(ConfirmationRequired)
    );
    assert!(bed.core.sessions.confirmed_for(&caller).is_zero());
    let wrong = bed
        .core
        .passwords
        .confirm(&caller, &password("wrong"))
        .await;
    assert!(matches!(wrong, Err(ConfirmError::WrongPassword)));
    let confirmation = bed
        .core
        .passwords
        .confirm(&caller, &password(PASSWORD))
        .await;
    let confirmation = confirmation.unwrap();
    assert_eq!(confirmation.confirmed.caller().session.id, opened.id);
    let again = bed.resume(&confirmation.token.unwrap()).await;
    let Resumed::Live(again) = again else {
        panic!("the session goes on");
    };
    bed.core.sessions.confirmed(&again).unwrap();
    assert_eq!(bed.core.sessions.confirmed_for(&again), 10 * MINUTE);
}

#[sqlx::test(migrations = false)]
async fn a_revoked_session_confirms_nothing(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options).await;
    let (mine, stolen) = (bed.log_in().await, bed.log_in().await);
    let (me, thief) = (bed.caller(&mine).await, bed.caller(&stolen).await);
    let confirmed = bed.core.sessions.confirmed(&me).unwrap();
    bed.core
        .sessions
        .revoke(confirmed, stolen.id)
        .await
        .unwrap();
    let late = bed
        .core
        .passwords
        .confirm(&thief, &password(PASSWORD))
        .await;
    assert!(matches!(late, Err(ConfirmError::LoggedOut)));
}

#[sqlx::test(migrations = false)]
async fn a_restart_ends_sessions_only_where_it_is_configured(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let old = bed.log_in().await;
    bed.clock.advance(MINUTE);
    let restarted = async |not_before| {
        let settings = Settings {
            sessions: SessionSettings {
                not_before,
                ..Settings::default().sessions
            },
            ..Settings::default()
        };
        let core = testing::core(options.clone(), settings, Vec::new(), bed.clock.clone());
        core.databases.open_any(bed.database.name()).await.unwrap();
    };
    restarted(None).await;
    assert_eq!(end_cause(&bed, &old.token).await, None);
    let start = Some(bed.core.clock.now());
    restarted(start).await;
    assert_eq!(end_cause(&bed, &old.token).await, Some(EndCause::Restart));
    // The database is opened again in the same run. Sessions that are newer than the start stay.
    let new = bed.log_in().await;
    bed.clock.advance(MINUTE);
    restarted(start).await;
    bed.caller(&new).await;
}

#[sqlx::test(migrations = false)]
async fn the_sessions_of_a_copied_database_are_not_its_own(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    // A copy has the identity of the original.
    let pool = testing::look(options.clone()).await;
    sqlx::query("update identity set database_oid = 1")
        .execute(&pool)
        .await
        .unwrap();
    let core = testing::core(options, Settings::default(), Vec::new(), bed.clock.clone());
    core.databases.open_any(bed.database.name()).await.unwrap();
    assert_eq!(
        end_cause(&bed, &opened.token).await,
        Some(EndCause::DatabaseCopied)
    );
    bed.log_in().await;
}

#[sqlx::test(migrations = false)]
async fn the_sweep_marks_the_true_end_and_forgets_in_time(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    let expires_at = opened.expiry.at;
    bed.clock.advance(Duration::from_hours(13));
    let swept = bed.core.sweeper.sweep(&bed.database).await.unwrap();
    assert_eq!(
        swept,
        Swept {
            marked: 1,
            ..Swept::default()
        }
    );
    assert_eq!(
        bed.core.sweeper.sweep(&bed.database).await.unwrap(),
        Swept::default()
    );
    let Resumed::Ended(ended) = bed.resume(&opened.token).await else {
        panic!("it has expired");
    };
    assert_eq!((ended.cause, ended.at), (EndCause::Idle, expires_at));
    bed.clock.advance(Duration::from_hours(90 * 24));
    let swept = bed.core.sweeper.sweep(&bed.database).await.unwrap();
    assert_eq!(
        swept,
        Swept {
            forgotten: 1,
            ..Swept::default()
        }
    );
    assert!(matches!(bed.resume(&opened.token).await, Resumed::Unknown));
}

#[sqlx::test(migrations = false)]
async fn many_nodes_sweep_at_once_and_each_row_once(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    let pool = testing::look(options.clone()).await;
    sqlx::query(
        "insert into sessions (id, user_id, authenticated_by, created_at, last_active_at,
            idle_expires_at, user_agent, confirmed_at)
        select gen_random_uuid(), user_id, authenticated_by, created_at,
            last_active_at, idle_expires_at, user_agent, confirmed_at
        from sessions, generate_series(1, 4999) n where sessions.id = $1",
    )
    .bind(opened.id.as_uuid())
    .execute(&pool)
    .await
    .unwrap();
    bed.clock.advance(Duration::from_hours(13));
    let nodes = (0..4).map(|_| {
        let settings = Settings::default();
        let core = testing::core(options.clone(), settings, Vec::new(), bed.clock.clone());
        let name = bed.database.name().clone();
        tokio::spawn(async move {
            let database = core.databases.open_any(&name).await.unwrap();
            core.sweeper.sweep(&database).await.unwrap().marked
        })
    });
    let mut marked = 0;
    for node in nodes.collect::<Vec<_>>() {
        marked += node.await.unwrap();
    }
    assert_eq!(marked, 5000);
}

#[sqlx::test(migrations = false)]
async fn another_login_ends_all_sessions_and_is_unique(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    bed.another_user("bob").await;
    let opened = bed.log_in().await;
    let rename = async |login: &str| {
        let login = Login::new(login).unwrap();
        bed.core.users.rename(&bed.database, &bed.ada, &login).await
    };
    assert!(matches!(
        rename("BOB").await,
        Err(RenameUserError::LoginTaken)
    ));
    bed.caller(&opened).await;
    assert_eq!(rename("ada.lovelace@example.com").await.unwrap(), 1);
    assert_eq!(
        end_cause(&bed, &opened.token).await,
        Some(EndCause::LoginChanged)
    );
    bed.try_log_in("ada@example.com", PASSWORD)
        .await
        .err()
        .unwrap();
    bed.try_log_in("ada.lovelace@example.com", PASSWORD)
        .await
        .unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_deleted_user_leaves_nothing(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    let caller = bed.caller(&opened).await;
    assert_eq!(
        bed.core
            .users
            .delete(&bed.database, &bed.ada)
            .await
            .unwrap(),
        1
    );
    assert!(matches!(bed.resume(&opened.token).await, Resumed::Unknown));
    let late = bed
        .core
        .passwords
        .confirm(&caller, &password(PASSWORD))
        .await;
    assert!(matches!(late, Err(ConfirmError::LoggedOut)));
}

#[sqlx::test(migrations = false)]
async fn an_administrator_ends_everything_at_once(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options).await;
    let opened = [bed.log_in().await, bed.log_in().await];
    assert_eq!(bed.core.sessions.end_all(&bed.database).await.unwrap(), 2);
    for opened in opened {
        assert_eq!(
            end_cause(&bed, &opened.token).await,
            Some(EndCause::Administrator)
        );
    }
}

#[sqlx::test(migrations = false)]
async fn what_ended_lately_is_listed_for_its_person_only(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    bed.another_user("bob").await;
    let bob = bed.try_log_in("bob", PASSWORD).await.unwrap();
    bed.core
        .sessions
        .log_out(&*bed.caller(&bob).await)
        .await
        .unwrap();
    let old = bed.log_in().await;
    bed.clock.advance(Duration::from_hours(13));
    let (mine, phone) = (bed.log_in().await, bed.log_in().await);
    let me = bed.caller(&mine).await;
    let confirmed = bed.core.sessions.confirmed(&me).unwrap();
    bed.core.sessions.revoke(confirmed, phone.id).await.unwrap();

    let list = async || {
        let ended = bed.core.sessions.list_ended(&me).await.unwrap();
        let of = |past: &PastSession| (past.id, past.cause, past.ended_at, past.by.is_some());
        ended.iter().map(of).collect::<Vec<_>>()
    };
    let expected = [
        (phone.id, EndCause::Revoked, bed.core.clock.now(), true),
        (old.id, EndCause::Idle, old.expiry.at, false),
    ];
    assert_eq!(list().await, expected);
    // The list is the same after the sweep.
    bed.core.sweeper.sweep(&bed.database).await.unwrap();
    assert_eq!(list().await, expected);
}
