//! What holds for a private cluster through starts, stops, crashes and several users of one.

mod scratch;

use std::{fs, os::unix::fs::PermissionsExt, thread};

use latchkey_postgres::{Cluster, ClusterError, Durability};
use rustix::process::{Signal, kill_process};
use scratch::Scratch;

#[test]
fn a_cluster_starts_stops_and_starts_again() {
    let scratch = Scratch::new();
    for _ in 0..2 {
        let cluster = scratch.open();
        assert!(scratch.accepts());
        cluster.close().unwrap();
        assert!(!scratch.accepts());
        assert_eq!(scratch.pid(), None);
    }
}

#[test]
fn a_dropped_cluster_stops() {
    let scratch = Scratch::new();
    drop(scratch.open());
    assert!(!scratch.accepts());
}

#[test]
fn data_and_socket_are_closed_to_others() {
    let scratch = Scratch::new();
    let _cluster = scratch.open();
    for name in ["cluster", "socket"] {
        let mode = fs::metadata(scratch.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
}

#[test]
fn the_server_lives_in_a_process_group_of_its_own() {
    let scratch = Scratch::new();
    let _cluster = scratch.open();
    let pid = scratch.pid().unwrap();
    assert_eq!(rustix::process::getpgid(Some(pid)).unwrap(), pid);
}

#[test]
fn the_first_to_leave_keeps_it_running_for_the_second() {
    let scratch = Scratch::new();
    let (first, second) = (scratch.open(), scratch.open());
    let pid = scratch.pid();
    assert_eq!(first.url("postgres"), second.url("postgres"));
    first.close().unwrap();
    assert!(scratch.accepts());
    assert_eq!(scratch.pid(), pid);
    second.close().unwrap();
    assert!(!scratch.accepts());
}

#[test]
fn many_open_it_at_once_and_one_server_runs() {
    let scratch = Scratch::new();
    let clusters: Vec<Cluster> = thread::scope(|scope| {
        let openers: Vec<_> = (0..8).map(|_| scope.spawn(|| scratch.open())).collect();
        openers
            .into_iter()
            .map(|opener| opener.join().unwrap())
            .collect()
    });
    assert!(scratch.accepts());
    thread::scope(|scope| {
        for cluster in clusters {
            scope.spawn(|| cluster.close().unwrap());
        }
    });
    assert!(!scratch.accepts());
}

#[test]
fn a_killed_server_is_started_again() {
    let scratch = Scratch::new();
    let survivor = scratch.open();
    let killed = scratch.pid().unwrap();
    kill_process(killed, Signal::KILL).unwrap();
    scratch.wait_for_end(killed);

    let cluster = scratch.open();
    assert!(scratch.accepts());
    assert_ne!(scratch.pid().unwrap(), killed);
    survivor.close().unwrap();
    assert!(scratch.accepts());
    cluster.close().unwrap();
    assert!(!scratch.accepts());
}

#[test]
fn a_stale_pid_file_that_names_a_live_process_is_no_obstacle() {
    let scratch = Scratch::new();
    scratch.open().close().unwrap();
    let ours = rustix::process::getpid().as_raw_nonzero();
    let data = scratch.path().join("cluster");
    let text = format!(
        "{ours}\n{}\n1700000000\n5432\n/sock\n\n  1  1\nready   \n",
        data.display()
    );
    fs::write(data.join("postmaster.pid"), text).unwrap();

    let cluster = scratch.open();
    assert!(scratch.accepts());
    cluster.close().unwrap();
}

#[test]
fn a_stale_lock_of_the_socket_that_names_a_live_process_is_no_obstacle() {
    let scratch = Scratch::new();
    scratch.open().close().unwrap();
    // PostgreSQL looks only at processes of its own account: another server's is one.
    let elsewhere = Scratch::new();
    let other = elsewhere.open();
    let lock = |scratch: &Scratch| scratch.path().join("socket/.s.PGSQL.5432.lock");
    fs::copy(lock(&elsewhere), lock(&scratch)).unwrap();

    let cluster = scratch.open();
    assert!(scratch.accepts());
    cluster.close().unwrap();
    other.close().unwrap();
}

#[test]
fn the_orphan_of_a_killed_process_is_joined() {
    scratch::hold_if_second_process();
    let scratch = Scratch::new();
    let mut other = scratch.open_in_another_process("the_orphan_of_a_killed_process_is_joined");
    let orphan = scratch.pid().unwrap();
    other.kill().unwrap();
    other.wait().unwrap();
    assert!(scratch.accepts());

    let cluster = scratch.open();
    assert_eq!(scratch.pid(), Some(orphan));
    cluster.close().unwrap();
    assert!(!scratch.accepts());
}

#[test]
fn another_process_keeps_it_running() {
    scratch::hold_if_second_process();
    let scratch = Scratch::new();
    let mut other = scratch.open_in_another_process("another_process_keeps_it_running");
    scratch.open().close().unwrap();
    assert!(scratch.accepts());
    other.kill().unwrap();
    other.wait().unwrap();
    scratch.open().close().unwrap();
    assert!(!scratch.accepts());
}

#[test]
fn data_of_another_major_version_is_refused() {
    let scratch = Scratch::new();
    scratch.open().close().unwrap();
    fs::write(scratch.path().join("cluster/PG_VERSION"), "9.6\n").unwrap();
    let error = scratch.try_open(Durability::Throwaway).unwrap_err();
    let ClusterError::WrongMajor {
        data, installed, ..
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!(data, "9.6");
    let text = error.to_string();
    assert!(
        text.contains("9.6") && text.contains(&installed.to_string()),
        "{text}"
    );
}

#[test]
fn an_interrupted_creation_is_started_over() {
    let scratch = Scratch::new();
    fs::create_dir_all(scratch.path().join("cluster.new/base")).unwrap();
    let cluster = scratch.open();
    assert!(scratch.accepts());
    cluster.close().unwrap();
}

#[test]
fn a_throwaway_cluster_is_never_taken_for_a_durable_one() {
    let scratch = Scratch::new();
    let throwaway = scratch.open();
    let error = scratch.try_open(Durability::Durable).unwrap_err();
    assert!(
        matches!(error, ClusterError::OtherDurability { .. }),
        "{error}"
    );
    throwaway.close().unwrap();
}

#[test]
fn a_durable_cluster_starts_and_is_never_run_without_fsync() {
    let scratch = Scratch::new();
    let durable = scratch.try_open(Durability::Durable).unwrap();
    assert!(scratch.accepts());
    let error = scratch.try_open(Durability::Throwaway).unwrap_err();
    assert!(
        matches!(error, ClusterError::OtherDurability { .. }),
        "{error}"
    );
    durable.close().unwrap();
}

#[test]
fn a_failed_start_quotes_the_log() {
    let scratch = Scratch::new();
    scratch.open().close().unwrap();
    fs::write(
        scratch.path().join("cluster/postgresql.conf"),
        "no_such_setting = 1\n",
    )
    .unwrap();
    let error = scratch.try_open(Durability::Throwaway).unwrap_err();
    assert!(matches!(error, ClusterError::Died { .. }), "{error}");
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}

#[test]
fn a_path_too_long_for_a_socket_gets_a_short_one() {
    let scratch = Scratch::new();
    let deep = scratch.path().join("x".repeat(120));
    let cluster = Cluster::open(&deep, Durability::Throwaway, None).unwrap();
    let socket = scratch::socket_of(&cluster);
    assert!(!socket.starts_with(scratch.path()));
    assert!(scratch::accepts_at(&socket));
    cluster.close().unwrap();
    fs::remove_dir_all(&socket).unwrap();
}

#[test]
fn a_directory_that_only_root_can_enter_points_elsewhere() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let scratch = Scratch::new();
    let locked = scratch.path().join("locked");
    let directory = locked.join("data");
    fs::create_dir_all(&directory).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).unwrap();

    let cluster = Cluster::open(&directory, Durability::Throwaway, None).unwrap();
    let home = fs::read_to_string(directory.join("location")).unwrap();
    assert!(scratch::accepts_at(&scratch::socket_of(&cluster)));
    cluster.close().unwrap();

    fs::remove_dir_all(&home).unwrap();
    let error = Cluster::open(&directory, Durability::Throwaway, None).unwrap_err();
    assert!(matches!(error, ClusterError::Lost { .. }), "{error}");
}
