//! Readable values that contradict a rule are refused too.

use latchkey_core::settings::AtMostOfUser;

use super::*;

#[test]
fn senseless_values_are_refused() {
    let cases = [
        (
            "[sessions]\nidle_timeout = \"9s\"",
            2,
            "must be 10s to 400d, not 9s",
        ),
        (
            "[sessions]\nabsolute_timeout = \"none\"\nidle_timeout = \"401d\"",
            3,
            "must be 10s to 400d, not 401d",
        ),
        (
            "[sessions]\nabsolute_timeout = \"11h\"",
            2,
            "shorter than `idle_timeout`, 12h",
        ),
        (
            "[sessions]\nabsolute_timeout = \"3651d\"",
            2,
            "must be 10s to 3650d",
        ),
        (
            "[sessions]\nshared_idle_timeout = \"9s\"",
            2,
            "must be 10s to 400d",
        ),
        (
            "[sessions]\nrotation_grace = \"2h\"",
            2,
            "must be 1s to 1h, not 2h",
        ),
        (
            "[sessions]\nhistory_retention = \"1h\"",
            2,
            "must be 1d to 3650d",
        ),
        ("[sessions]\npreset = \"lax\"", 2, "`lax`"),
        ("[sessions]\nmax_sessions = 0", 2, "must be 1 to 1000"),
        ("[sessions]\nmax_sessions = 1001", 2, "must be 1 to 1000"),
        ("[sessions]\nat_max_sessions = \"wait\"", 2, "`wait`"),
        ("[passwords]\nmin_length = 7", 2, "must be 8 to 64, not 7"),
        ("[passwords]\nmin_length = 65", 2, "must be 8 to 64, not 65"),
        ("[passwords]\nmemory = 19455", 2, "below the minimum"),
        ("[passwords]\nmemory = 2097153", 2, "not 2097153"),
        ("[passwords]\nparallelism = 0", 2, "must be 1 to 64"),
        ("[passwords]\nmax_waiting = 10001", 2, "must be 0 to 10000"),
        ("[passwords]\nmax_concurrent = 1025", 2, "must be 0 to 1024"),
        ("[log_in]\naccount_failures = 0", 2, "must be 1 to 100"),
        ("[log_in]\naccount_failures = 101", 2, "must be 1 to 100"),
        ("[log_in]\naddress_accounts = 0", 2, "must be 1 to 1000000"),
        ("[log_in]\nfirst_delay = \"0s\"", 2, "must be 1s to 1d"),
        (
            "[log_in]\nlongest_delay = \"29s\"",
            2,
            "shorter than `first_delay`, 30s",
        ),
        ("[log_in]\nlongest_delay = \"2d\"", 2, "must be 1s to 1d"),
        (
            "[log_in]\naddress_window = \"59s\"",
            2,
            "must be 1min to 30d",
        ),
        ("[server]\nmax_connections = 15", 2, "must be 16 to 1000000"),
        (
            "[server]\nmax_connections_per_address = 15",
            2,
            "must be 16 to 1000000",
        ),
        ("[database]\nmax_pools = 0", 2, "must be 1 to 10000"),
        ("[database]\nmax_connections = 0", 2, "must be 1 to 1000"),
        (
            "[database]\nurl = \"postgres://db\"\nurl_file = \"\"\n[log]\nfilter = \"a=loud\"",
            5,
            "`a=loud`",
        ),
    ];
    for (text, line, words) in cases {
        assert_refused(text, &[], &format!("latchkey.toml:{line}"), words);
    }
}

#[test]
fn password_hashes_keep_to_the_floor() {
    let accepted = |memory: u32, iterations: u32| {
        let text = format!("[passwords]\nmemory = {memory}\niterations = {iterations}");
        load(&text, &[]).is_ok()
    };
    for (memory, iterations) in [
        (47_104, 1),
        (19_456, 2),
        (12_288, 3),
        (9_216, 4),
        (7_168, 5),
    ] {
        assert!(accepted(memory, iterations), "{memory}, {iterations}");
        assert!(
            accepted(memory, iterations + 1),
            "{memory}, {iterations} + 1"
        );
        assert!(
            !accepted(memory - 1, iterations),
            "{memory} - 1, {iterations}"
        );
    }
    assert!(!accepted(7_167, 64));
}

#[test]
fn plain_http_is_for_the_own_machine_only() {
    let server = |options: &str| load(&format!("[server]\n{options}"), &[]).is_ok();
    assert!(server("address = '[::1]:8069'"));
    assert!(server("base_url = 'http://localhost:8069'"));
    assert!(server(
        "address = '0.0.0.0:8069'\nbase_url = 'https://latchkey.example.com'"
    ));
    assert!(server("address = '0.0.0.0:8069'\ninsecure_http = true"));
    assert!(server(
        "base_url = 'http://latchkey.lan'\ninsecure_http = true"
    ));

    let line = "latchkey.toml:2";
    let reason = "can be reached from other machines without encryption";
    for address in [
        "0.0.0.0:80",
        "[::]:80",
        "10.0.0.1:80",
        "[::ffff:10.0.0.1]:80",
    ] {
        assert_refused(
            &format!("[server]\naddress = '{address}'"),
            &[],
            line,
            reason,
        );
    }
    assert_refused(
        "[server]\naddress = '0.0.0.0:80'\nbase_url = 'http://localhost'",
        &[],
        line,
        reason,
    );
    assert_refused(
        "[server]\nbase_url = 'http://latchkey.lan'",
        &[],
        line,
        "neither https nor this machine",
    );
    let variable = "LATCHKEY__SERVER__ADDRESS";
    assert_refused(
        "[server]\naddress = '127.0.0.1:1'",
        &[(variable, "0.0.0.0:1")],
        variable,
        "insecure_http = true",
    );
}

#[test]
fn a_preset_gives_the_timeouts_that_are_left_out() {
    let of = |text: &str| {
        let sessions = load(text, &[]).unwrap().sessions;
        let absolute = sessions.absolute_timeout.map(|timeout| timeout.to_string());
        (sessions.idle_timeout.to_string(), absolute)
    };
    let pair = |idle: &str, absolute: Option<&str>| (idle.to_owned(), absolute.map(str::to_owned));
    assert_eq!(of(""), pair("12h", Some("7d")));
    assert_eq!(
        of("[sessions]\npreset = \"strict\""),
        pair("1h", Some("1d"))
    );
    assert_eq!(of("[sessions]\npreset = \"reference\""), pair("7d", None));
    assert_eq!(
        of("[sessions]\npreset = \"strict\"\nabsolute_timeout = \"none\""),
        pair("1h", None)
    );
}

#[test]
fn the_limit_of_sessions_is_as_written() {
    let of = |text: &str| {
        let sessions = load(text, &[]).unwrap().settings().sessions;
        (sessions.most_of_user, sessions.at_most_of_user)
    };
    assert_eq!(of(""), (200, AtMostOfUser::EndLongestUnused));
    assert_eq!(
        of("[sessions]\nmax_sessions = 3\nat_max_sessions = \"refuse_log_in\""),
        (3, AtMostOfUser::RefuseLogIn)
    );
}

#[test]
fn zero_is_no_rotation() {
    let of = |text: &str| load(text, &[]).unwrap().sessions.rotation_interval;
    assert_eq!(of("[sessions]\nrotation_interval = \"0\""), None);
    assert_eq!(
        of("").map(|timeout| timeout.to_string()).as_deref(),
        Some("3h")
    );
}
