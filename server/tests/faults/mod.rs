//! PostgreSQL stops under load, and processes are killed. Answered changes hold, no person is logged out, and the
//! servers recover by themselves.

pub mod visitor;

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use sqlx::{Connection as _, PgConnection};

use crate::program::{Node, Server, cluster};
use visitor::{Answer, LIST, Visitor};

pub const ADA: &str = "ada@example.com";
pub const PASSWORD: &str = "correct horse battery staple";

/// The longest wait, which only a failing test reaches.
const PATIENCE: Duration = Duration::from_secs(30);

/// The number of browsers that send requests without a pause.
const BROWSERS: usize = 3;

/// The pages and the function that a live session requests, at both servers in turns.
const PATHS: [&str; 3] = ["/", LIST, "/profile/devices"];

fn create_database(node: &Node) {
    let create = format!("db create acme --admin-login {ADA} --admin-password-stdin");
    node.run_with(&create, PASSWORD).done();
}

/// Waits until `is_so` is true, and panics after [`PATIENCE`].
#[track_caller]
fn wait_until(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "that never came");
        thread::yield_now();
    }
}

/// An outage of PostgreSQL: the servers that it hits, and its progress.
struct Outage<'a> {
    servers: [&'a str; 2],
    /// PostgreSQL is gone, and its start has not begun.
    is_down: AtomicBool,
    /// PostgreSQL takes connections again.
    is_over: AtomicBool,
}

/// The numbers of answers to a browser that sends requests without a pause, before and during the outage.
#[derive(Default)]
struct Seen {
    before: AtomicUsize,
    during: AtomicUsize,
}

/// Sends requests to both servers without a pause until they have recovered. An answer is one of the `right` ones, or
/// says that PostgreSQL is away. While PostgreSQL is away, no other answer comes.
fn keep_asking(
    outage: &Outage<'_>,
    seen: &Seen,
    right: &[u16],
    ask: impl Fn(&str, &str) -> Answer,
) {
    let start = Instant::now();
    let mut right_in_a_row = 0;
    for (path, server) in PATHS.iter().cycle().zip(outage.servers.iter().cycle()) {
        let was_down = outage.is_down.load(SeqCst);
        let was_over = outage.is_over.load(SeqCst);
        let answer = ask(server, path);
        if answer.status == 503 {
            assert_eq!(answer.cookies().next(), None, "no cookie is taken away");
            right_in_a_row = 0;
        } else {
            assert!(right.contains(&answer.status), "{path}: {answer:?}");
            right_in_a_row += usize::from(was_over);
        }
        if was_down && outage.is_down.load(SeqCst) {
            assert_eq!(answer.status, 503, "{path}: {answer:?}");
            seen.during.fetch_add(1, SeqCst);
        } else {
            seen.before.fetch_add(1, SeqCst);
        }
        if right_in_a_row > PATHS.len() * outage.servers.len() {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "it never came back");
    }
}

#[test]
fn while_postgresql_is_away_every_person_is_told_so_and_none_is_logged_out() {
    let node = Node::new();
    let postgres = cluster(&node.path("postgres"));
    let url = postgres.url("postgres") + "&port=5432&sslmode=disable";
    node.write("latchkey.toml", &format!("[database]\nurl = \"{url}\"\n"));
    create_database(&node);
    let (here, there) = (node.serve(), node.serve());
    let servers = [here.address.as_str(), there.address.as_str()];
    let [one, two] = servers;
    let me = Visitor::logged_in(one);
    let (revoked, listener, spared) = (
        Visitor::logged_in(two),
        Visitor::logged_in(one),
        Visitor::logged_in(two),
    );
    let (revoked_id, listener_id, spared_id) = (revoked.id(one), listener.id(two), spared.id(one));
    let browsers: Vec<Visitor> = (0..BROWSERS).map(|_| Visitor::logged_in(one)).collect();
    let mut stream = listener.listen(two);

    let outage = Outage {
        servers,
        is_down: AtomicBool::new(false),
        is_over: AtomicBool::new(false),
    };
    let seen: [Seen; BROWSERS + 2] = Default::default();
    thread::scope(|scope| {
        let (outage, seen) = (&outage, &seen);
        let (strangers, live) = seen.split_at(2);
        let [of_revoked, of_stranger] = strangers else {
            panic!("two of them");
        };
        for (browser, seen) in browsers.iter().zip(live) {
            let ask = |server: &str, path: &str| browser.get(server, path);
            scope.spawn(move || keep_asking(outage, seen, &[200], ask));
        }
        let stranger = |server: &str, _: &str| Visitor::stranger().log_in(server);
        scope.spawn(move || keep_asking(outage, of_stranger, &[200], stranger));
        wait_until(|| live.iter().all(|seen| seen.before.load(SeqCst) > 4));

        assert_eq!(me.revoke(one, &revoked_id).status, 200);
        // An immediate shutdown cuts the connections and leaves the files as after a crash.
        node.signal_postgres(Signal::QUIT);
        let dead = |server: &str, path: &str| revoked.get(server, path);
        scope.spawn(move || keep_asking(outage, of_revoked, &[401, 303], dead));
        wait_until(|| !node.has_postgres());
        outage.is_down.store(true, SeqCst);
        assert_eq!(me.revoke(two, &spared_id).status, 503);
        wait_until(|| seen.iter().all(|seen| seen.during.load(SeqCst) > 1));
        outage.is_down.store(false, SeqCst);

        let back = cluster(&node.path("postgres"));
        outage.is_over.store(true, SeqCst);
        back.close().unwrap();
    });

    // The cookies still work, and no refused request took effect.
    assert_eq!(spared.get(two, LIST).status, 200);
    assert_eq!(me.revoke(one, &listener_id).status, 200);
    stream.hear("ended");
    assert_eq!(listener.get(two, LIST).status, 401);
    for server in [here, there] {
        assert_eq!(server.terminate().0.code(), Some(0));
    }
    postgres.close().unwrap();
}

/// Logs a browser in at one server, revokes its session at another, and returns the browser.
fn revoke(me: &Visitor, there: &Server, here: &Server) -> Visitor {
    let victim = Visitor::logged_in(&there.address);
    assert_eq!(victim.get(&here.address, LIST).status, 200);
    let id = victim.id(&there.address);
    assert_eq!(me.revoke(&here.address, &id).status, 200);
    victim
}

#[test]
fn a_revoke_that_was_answered_outlives_the_server_that_answered() {
    let node = Node::new();
    let there = node.serve();
    create_database(&node);
    let me = Visitor::logged_in(&there.address);
    let mut here = node.serve();
    for round in 1..=15 {
        let victim = revoke(&me, &there, &here);
        here.kill();
        let status = victim.get(&there.address, LIST).status;
        assert_eq!(status, 401, "at the other one, round {round}");
        here = node.serve();
        let status = victim.get(&here.address, LIST).status;
        assert_eq!(status, 401, "after a restart, round {round}");
    }
    assert_eq!(me.get(&here.address, LIST).status, 200);
}

#[test]
fn a_revoke_that_was_answered_outlives_a_crash_of_server_and_postgresql() {
    let node = Node::new();
    create_database(&node);
    let mut server = node.serve();
    let me = Visitor::logged_in(&server.address);
    for round in 1..=3 {
        let victim = revoke(&me, &server, &server);
        node.signal_postgres(Signal::KILL);
        server.kill();
        server = node.serve();
        let status = victim.get(&server.address, LIST).status;
        assert_eq!(status, 401, "after recovery, round {round}");
        assert_eq!(me.get(&server.address, LIST).status, 200);
    }
}

#[test]
fn what_the_private_postgresql_commits_is_on_the_disk() {
    let node = Node::new();
    let server = node.serve();
    create_database(&node);
    let postgres = cluster(&node.path("postgres"));
    let settings: Vec<(String, String)> = tokio::runtime::Runtime::new().unwrap().block_on(async {
        // This also includes settings of a database or a user.
        let mut connection = PgConnection::connect(&postgres.url("acme")).await.unwrap();
        sqlx::query_as(
            "select name, setting from pg_settings
            where name in ('fsync', 'full_page_writes', 'synchronous_commit') order by name",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap()
    });
    let on = |name: &str| (name.to_owned(), "on".to_owned());
    assert_eq!(
        settings,
        ["fsync", "full_page_writes", "synchronous_commit"].map(on)
    );
    drop(server);
    postgres.close().unwrap();
}
