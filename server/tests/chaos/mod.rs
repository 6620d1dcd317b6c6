//! Two servers and their PostgreSQL fail in every way, one after the other and two at a time. Meanwhile people log in,
//! look at pages, revoke, log out and change passwords at both servers. A record of the answers says what must be true.

#![expect(
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod client;
mod dice;
mod faults;
mod look;
mod nodes;
mod record;
mod replayer;
mod tally;

use std::{
    collections::BTreeMap,
    env,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use latchkey_core::{
    random::{Random, SystemRandom},
    testing::Proxy,
};
use rustix::process::Signal;
use sqlx::postgres::PgConnectOptions;

use crate::program::{Node, cluster};
use client::Client;
use dice::Dice;
use faults::Fault;
use nodes::Nodes;
use record::{Passwords, Session};
use replayer::Replayer;

/// The number of people. Each uses both servers in turns.
const CLIENTS: usize = 6;

/// The pause between two requests of a client, because other tests run on the same machine.
const PAUSE: Duration = Duration::from_millis(10);

/// The number of answers that clients get during a fault.
const ANSWERS_DURING: usize = 20;

/// The longest time in which a server may recover from a fault.
const LONGEST_RECOVERY: Duration = Duration::from_mins(1);

/// Settings with loose throttles, which other tests check, and with a frequent rotation.
const SETTINGS: &str = "
[log_in]
account_failures = 100
account_window = '1min'
address_failures = 1000000
address_accounts = 1000000
first_delay = '1s'
longest_delay = '1s'
[passwords]
memory = 7168
iterations = 5
[sessions]
rotation_interval = '3s'
confirmation_timeout = '1d'
";

/// The state that all threads share.
struct World<'a> {
    nodes: Nodes<'a>,
    /// All sessions that were ever opened.
    sessions: Mutex<Vec<Arc<Session>>>,
    counts: Counts,
}

/// Counts of the clients' actions, to check that every action happened.
#[derive(Debug, Default)]
struct Counts {
    answers: AtomicUsize,
    unanswered: AtomicUsize,
    log_ins: AtomicUsize,
    ends: AtomicUsize,
    unknown_ends: AtomicUsize,
    password_changes: AtomicUsize,
    unknown_password_changes: AtomicUsize,
    replays: AtomicUsize,
    /// Streams that reported the end of their session.
    told: AtomicUsize,
    throttled: AtomicUsize,
    confirmations_required: AtomicUsize,
}

impl Counts {
    fn add(count: &AtomicUsize) {
        count.fetch_add(1, SeqCst);
    }
}

/// The times that both servers took to recover, by fault.
type Recoveries = BTreeMap<String, Vec<Duration>>;

#[test]
fn whatever_fails_what_was_answered_stays_true() {
    let number = |name: &str| env::var(name).ok().map(|value| value.parse().unwrap());
    let random = || u64::from_le_bytes((&SystemRandom as &dyn Random).bytes());
    let seed = number("CHAOS_SEED").unwrap_or_else(random);
    let least = Duration::from_mins(number("CHAOS_MINUTES").unwrap_or(0));
    println!("CHAOS_SEED={seed} brings the same faults again");
    let mut dice = Dice::new(seed);

    let node = Node::new();
    let postgres = cluster(&node.path("postgres"));
    let url = postgres.url("postgres") + "&port=5432&sslmode=disable";
    node.write(
        "latchkey.toml",
        &format!("[database]\nurl = \"{url}\"\n{SETTINGS}"),
    );
    let users = create_users(&node, &mut dice);
    let options: PgConnectOptions = url.parse().unwrap();
    let world = World {
        nodes: Nodes::start_both(&node, [(); 2].map(|()| Proxy::start(&options))),
        sessions: Mutex::default(),
        counts: Counts::default(),
    };
    let (users, recoveries) = run(&world, users, &mut dice, least);
    print_report(&world.counts, &recoveries);

    world.check_all(users);
    world.nodes.look_at_logs();
    for number in 0..2 {
        world.nodes.end(number, Signal::TERM);
    }
    postgres.close().unwrap();
    let counts = &world.counts;
    for count in [&counts.log_ins, &counts.ends, &counts.replays, &counts.told] {
        assert!(count.load(SeqCst) > 0, "{counts:?}");
    }
}

/// Users of the database `acme`, each with a password.
fn create_users(node: &Node, dice: &mut Dice) -> Vec<(String, Passwords)> {
    let create = "db create acme --admin-login root --admin-password-stdin";
    node.run_with(create, &dice.password()).done();
    let user = |number| {
        let (login, password) = (format!("client-{number}"), dice.password());
        let add = format!("user add --database acme --login {login} --password-stdin");
        node.run_with(&add, &password).done();
        (login, Passwords::new(&password))
    };
    (0..CLIENTS).map(user).collect()
}

/// Lets people use the servers while these fail in all ways, at least once and until the time is over.
fn run(
    world: &World<'_>,
    users: Vec<(String, Passwords)>,
    dice: &mut Dice,
    least: Duration,
) -> (Vec<(String, Passwords)>, Recoveries) {
    let start = Instant::now();
    let mut recoveries = Recoveries::new();
    thread::scope(|scope| {
        let clients: Vec<_> = users
            .into_iter()
            .map(|(login, passwords)| {
                let client = Client::new(world, login, passwords, dice.fork());
                scope.spawn(move || client.run())
            })
            .collect();
        let replayer = Replayer::new(world, dice.fork());
        scope.spawn(move || replayer.run());
        let stop = CallOff(world);
        world.nodes.tallies.wait_until_well();
        while recoveries.is_empty() || start.elapsed() < least {
            for round in faults::rounds(dice) {
                fail(world, &round, &mut recoveries);
            }
        }
        drop(stop);
        let users = clients.into_iter().map(|client| client.join().unwrap());
        (users.collect(), recoveries)
    })
}

/// Stops all threads when one of them stops, even by a failure.
struct CallOff<'a>(&'a World<'a>);

impl Drop for CallOff<'_> {
    fn drop(&mut self) {
        self.0.nodes.tallies.call_off();
    }
}

/// Causes these faults at the same time, and waits until both servers have recovered.
fn fail(world: &World<'_>, faults: &[Fault], recoveries: &mut Recoveries) {
    let nodes = &world.nodes;
    print!("{faults:?}: ");
    nodes.tallies.count_anew();
    for fault in faults {
        fault.begin(nodes);
    }
    let lasts = faults.iter().any(Fault::lasts);
    // A paused server has delayed all clients long enough already.
    if lasts && !faults.iter().any(Fault::holds_up) {
        nodes.tallies.wait_for_answers(ANSWERS_DURING);
    }
    nodes.look_at_logs();
    if lasts {
        for fault in faults {
            fault.end(nodes);
        }
        nodes.tallies.count_anew();
    }
    let away = nodes.tallies.wait_until_well();
    println!("away for {away:?}");
    assert!(away < LONGEST_RECOVERY, "{faults:?}: away for {away:?}");
    let names: Vec<_> = faults.iter().map(Fault::name).collect();
    let name = if names.len() == 1 {
        names[0]
    } else {
        "two at once"
    };
    recoveries.entry(name.to_owned()).or_default().push(away);
}

fn print_report(counts: &Counts, recoveries: &Recoveries) {
    println!("{counts:#?}");
    println!("| fault | times | well again after: median | longest |");
    println!("|---|---|---|---|");
    for (name, all) in recoveries {
        let mut all = all.clone();
        all.sort();
        let [median, longest] =
            [all[all.len() / 2], all[all.len() - 1]].map(|one| one.as_secs_f32());
        println!(
            "| {name} | {} | {median:.1} s | {longest:.1} s |",
            all.len()
        );
    }
}
