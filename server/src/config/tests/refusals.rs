//! Unreadable values are refused, with their place and the reason.

use super::*;

#[test]
fn unknown_names_are_refused_with_the_nearest_known_one() {
    let line = |number| format!("latchkey.toml:{number}");
    let typo = "# hello\n\n[sessions]\nidle_timout = \"1h\"";
    assert_refused(
        typo,
        &[],
        &line(4),
        "sessions.idle_timout: unknown option `idle_timout`; did you mean `idle_timeout`?",
    );
    assert_refused(
        "\n[session]\nidle_timeout = \"1h\"",
        &[],
        &line(2),
        "did you mean `sessions`?",
    );
    assert_refused(
        "[log]\ncolour = 1",
        &[],
        &line(2),
        "unknown option `colour`; there are filter, format",
    );
    assert_refused(
        "[colours]",
        &[],
        &line(1),
        "there are database, log, log_in, modules, passwords, places, server, sessions",
    );
    assert_refused(
        "[server]\nmin_length = 20",
        &[],
        &line(2),
        "it belongs under `[passwords]`",
    );
    assert_refused(
        "min_length = 20",
        &[],
        &line(1),
        "it belongs under `[passwords]`",
    );
}

#[test]
fn unknown_variables_are_refused() {
    let typo = "LATCHKEY__SESSIONS__IDLE_TIMOUT";
    assert_refused("", &[(typo, "1h")], typo, "did you mean `idle_timeout`?");
    assert_refused(
        "",
        &[("LATCHKEY__LOG", "info")],
        "LATCHKEY__LOG",
        "LATCHKEY__SECTION__KEY",
    );
    assert_refused(
        "",
        &[("LATCHKEY__LGO__FORMAT", "x")],
        "LATCHKEY__LGO__FORMAT",
        "did you mean `log`?",
    );
}

#[test]
fn wrong_types_are_refused() {
    let cases = [
        ("[server]\naddress = 8069", 2, "expected a string"),
        (
            "[server]\naddress = \"localhost\"",
            2,
            "`localhost` has no port",
        ),
        (
            "[server]\n\ninsecure_http = \"yes\"",
            3,
            "expected a boolean",
        ),
        (
            "[server]\ntrusted_proxies = \"10.0.0.1\"",
            2,
            "expected a sequence",
        ),
        (
            "[server]\ntrusted_proxies = [\"proxy\"]",
            2,
            "`proxy` is neither an IP address nor a network",
        ),
        (
            "[server]\nbase_url = \"https://x.example/app\"",
            2,
            "has a path",
        ),
        (
            "[database]\nurl = \"mysql://me:hunter2@db\"",
            2,
            "must begin with `postgres://`",
        ),
        (
            "[database]\nfilter = \"(\"",
            2,
            "is not a regular expression: unclosed group",
        ),
        ("[passwords]\nmemory = -1", 2, "expected u32"),
        ("[passwords]\nmemory = 19456.5", 2, "expected u32"),
        ("[sessions]\nidle_timeout = 12", 2, "expected a string"),
        (
            "[sessions]\nidle_timeout = \"12m\"",
            2,
            "`12m` is not a duration",
        ),
        (
            "[sessions]\nidle_timeout = \"none\"",
            2,
            "`none` is not a duration",
        ),
        ("[log]\nformat = \"xml\"", 2, "expected `text` or `json`"),
        ("server = 5", 1, "write `[server]` on a line of its own"),
        (
            "[[server]]\naddress = \"127.0.0.1:1\"",
            1,
            "write `[server]` on a line of its own",
        ),
    ];
    for (text, line, words) in cases {
        assert_refused(text, &[], &format!("latchkey.toml:{line}"), words);
    }
}

#[test]
fn variables_of_a_wrong_type_are_refused() {
    let cases = [
        (
            "LATCHKEY__DATABASE__LIST",
            "yes",
            "must be `true` or `false`, not `yes`",
        ),
        (
            "LATCHKEY__PASSWORDS__MEMORY",
            "64M",
            "must be a whole number, not `64M`",
        ),
        ("LATCHKEY__PASSWORDS__MEMORY", "99999999999", "expected u32"),
        (
            "LATCHKEY__SERVER__TRUSTED_PROXIES",
            "[1.2.3.4",
            "is not a TOML array",
        ),
        (
            "LATCHKEY__SERVER__TRUSTED_PROXIES",
            "nginx",
            "neither an IP address nor a network",
        ),
        (
            "LATCHKEY__SESSIONS__IDLE_TIMEOUT",
            "1 day",
            "is not a duration",
        ),
    ];
    for (name, value, words) in cases {
        assert_refused("", &[(name, value)], name, words);
    }
}

#[test]
fn text_that_is_not_toml_is_refused_with_its_line() {
    assert_refused("[server]\naddress = ", &[], "latchkey.toml:2", "");
    assert_refused("[log]\nfilter = \"info", &[], "latchkey.toml:2", "");
    assert_refused(
        "[log]\nfilter = \"a\"\nfilter = \"b\"",
        &[],
        "latchkey.toml:3",
        "duplicate key",
    );
}

#[test]
fn all_problems_are_reported_together() {
    let file = "[sessions]\nidle_timout = \"1h\"\n[log]\nformat = \"xml\"";
    let both = refusal(file, &[("LATCHKEY__PASSWORDS__MEMORY", "much")]);
    assert_eq!(
        both,
        "the configuration has mistakes:\n  \
         latchkey.toml:2: sessions.idle_timout: unknown option `idle_timout`; did you mean `idle_timeout`?\n  \
         latchkey.toml:4: log.format: unknown variant `xml`, expected `text` or `json`\n  \
         LATCHKEY__PASSWORDS__MEMORY: must be a whole number, not `much` (invalid digit found in string)"
    );
    let values = refusal("[passwords]\nmin_length = 1\nparallelism = 99", &[]);
    assert_eq!(values.lines().count(), 3, "{values}");
}
