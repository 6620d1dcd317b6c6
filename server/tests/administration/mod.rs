//! Commands administer a database, its users and its sessions while a server runs.

pub mod asking;

use std::sync::Arc;

use latchkey_core::{
    Core, Parts, attempt::TypedCode, client::Client, clock::SystemClock, device::RememberDevice,
    language::LanguageCode, log_in::LogInAttempt, place::Places, random::SystemRandom,
    session::Computer, settings::Settings, user::Password,
};
use latchkey_postgres::Cluster;
use serde_json::{Value, json};

use crate::program::{Node, Outcome, cluster};

const PASSWORD: &str = "correct horse battery staple";

#[test]
fn everything_is_administered_beside_a_running_server() {
    let node = Node::new();
    let server = node.serve();
    assert_eq!(server.get("/healthz"), 200);
    databases_are_made(&node);
    users_are_added(&node);
    let outside = cluster(&node.path("postgres"));
    passwords_are_set(&node, &outside);
    sessions_are_ended(&node, &outside);
    groups_are_made(&node);
    outside.close().unwrap();
    databases_are_dropped(&node);
    let (status, log) = server.terminate();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!node.has_postgres(), "{log}");
}

fn databases_are_made(node: &Node) {
    let made = node.run("db create acme --admin-login Ada@example.com --admin-name Ada");
    assert!(
        made.stderr.contains("one-time password of Ada@example.com"),
        "{made:?}"
    );
    assert_eq!(
        made.done().trim_end().len(),
        23,
        "the password is alone on standard output"
    );
    assert_eq!(
        node.run_with(
            "db create globex --admin-login admin --admin-password-stdin",
            PASSWORD
        )
        .done(),
        ""
    );
    assert_eq!(
        node.run("db list --json").json(),
        json!([{"name": "acme"}, {"name": "globex"}])
    );
    assert_eq!(node.run("db list").done(), "acme\nglobex\n");
    let again = node.run("db create acme --admin-login ada").failed(1);
    assert_eq!(
        again,
        "database 'acme' was not created: there is a database of that name already"
    );
    let unknown = node.run("user list --database initech").failed(1);
    assert_eq!(
        unknown,
        "there is no database 'initech'; `latchkey db list` lists the databases"
    );
    let short = node
        .run_with(
            "db create initech --admin-login ada --admin-password-stdin",
            "short\n",
        )
        .failed(1);
    assert_eq!(short, "a password needs at least 15 characters");
}

fn users_are_added(node: &Node) {
    let add = "user add --database acme --login bob@example.com";
    assert!(
        node.run_with(&format!("{add} --password-stdin"), "0123456789012345")
            .failed(1)
            .contains("attacker")
    );
    assert_eq!(
        node.run_with(
            &format!("{add} --name Bob --password-stdin"),
            &format!("{PASSWORD}\n")
        )
        .done(),
        ""
    );
    let taken = node
        .run("user add --database acme --login BOB@example.com")
        .failed(1);
    assert_eq!(
        taken,
        "the login 'BOB@example.com' is taken in database 'acme'"
    );
    let eve = node.run("user add --database acme --login eve --administrator --password-stdin");
    assert_eq!(eve.failed(1), "there is no password on standard input");

    let users = node.run("user list --database acme --json").json();
    let [ada, bob] = users.as_array().unwrap().as_slice() else {
        panic!("{users}")
    };
    assert_eq!(
        (
            &ada["login"],
            &ada["administrator"],
            &ada["one_time_password"]
        ),
        (&json!("Ada@example.com"), &json!(true), &json!(true))
    );
    assert_eq!(
        (
            &bob["name"],
            &bob["administrator"],
            &bob["one_time_password"]
        ),
        (&json!("Bob"), &json!(false), &json!(false))
    );
    assert_eq!(
        (&bob["disabled_at"], &bob["live_sessions"]),
        (&Value::Null, &json!(0))
    );
    assert!(bob["created_at"].as_str().unwrap().ends_with('Z'));
    let lines = node.run("user list --database acme").done();
    assert!(
        lines.starts_with("LOGIN            NAME  ROLE           STATE"),
        "{lines}"
    );
}

fn passwords_are_set(node: &Node, cluster: &Cluster) {
    let set = "user set-password --database acme --login BOB@EXAMPLE.COM";
    let one_time = node.run(&format!("{set} --one-time")).done();
    log_in(cluster, "bob@example.com", one_time.trim_end());
    let changed = node.run_with(
        &format!("{set} --password-stdin"),
        "another horse battery staple\n",
    );
    assert!(
        changed
            .stderr
            .contains("New password set for bob@example.com; 1 session ended."),
        "{changed:?}"
    );
    // The audit log also records what a command did.
    assert!(
        changed
            .stderr
            .contains("latchkey::audit: event=\"password_changed\""),
        "{changed:?}"
    );
    log_in(cluster, "bob@example.com", "another horse battery staple");
    let unknown = node
        .run("user disable --database acme --login eve")
        .failed(1);
    assert!(
        unknown.starts_with("there is no user 'eve' in database 'acme'"),
        "{unknown}"
    );
}

fn sessions_are_ended(node: &Node, cluster: &Cluster) {
    let list = "session list --database acme --login bob@example.com --json";
    let sessions = node.run(list).json();
    let [session] = sessions.as_array().unwrap().as_slice() else {
        panic!("{sessions}")
    };
    assert_eq!(
        (&session["login"], &session["authenticated_by"]),
        (&json!("bob@example.com"), &json!("password"))
    );
    let id = session["id"].as_str().unwrap();
    assert!(node.run("session list --database acme").done().contains(id));

    let newest = "attempts list --database acme --login BOB@example.com --limit 1 --json";
    let attempts = node.run(newest).json();
    let [attempt] = attempts.as_array().unwrap().as_slice() else {
        panic!("{attempts}")
    };
    assert_eq!(
        (&attempt["outcome"], &attempt["session_id"]),
        (&json!("succeeded"), &json!(id))
    );
    let listed = node.run("attempts list --database acme").done();
    assert!(listed.contains("bob@example.com"), "{listed}");

    let audit = "audit list --database acme --subject user";
    let entries = node.run(&format!("{audit} --json")).json();
    let mut entries = entries.as_array().unwrap().iter();
    let added = entries.find(|entry| entry["action"] == "created").unwrap();
    assert_eq!(
        (
            &added["action"],
            &added["subject_name"],
            &added["actor_login"]
        ),
        (&json!("created"), &json!("bob@example.com"), &json!(null))
    );
    let listed = node.run(audit).done();
    assert!(listed.contains("user bob@example.com"), "{listed}");

    let end = format!("session end --database acme --id {id}");
    let ended = node.run(&end);
    assert_eq!(ends_logged(&ended), 1, "{ended:?}");
    assert_eq!(ended.done(), "");
    assert!(
        node.run(&end)
            .failed(1)
            .starts_with(&format!("there is no live session {id} in database 'acme'"))
    );
    for _ in 0..2 {
        log_in(cluster, "bob@example.com", "another horse battery staple");
    }
    let ended = node.run("session end --database acme --login bob@example.com");
    assert!(
        ended.stderr.contains("bob@example.com: 2 sessions ended."),
        "{ended:?}"
    );
    assert_eq!(ends_logged(&ended), 2, "a line for each: {ended:?}");
    assert_eq!(node.run(list).json(), json!([]));

    let code = node.run("user log-in-code --database acme --login bob@example.com");
    assert!(
        code.stderr
            .contains("latchkey::audit: event=\"log_in_code_made\""),
        "{code:?}"
    );
    assert!(
        !code.stderr.contains(code.stdout.trim_end()),
        "the code is not logged: {code:?}"
    );

    node.run("user disable --database acme --login bob@example.com")
        .done();
    assert!(
        node.run("user list --database acme")
            .done()
            .contains("disabled")
    );
    node.run("user enable --database acme --login bob@example.com")
        .done();
    assert!(
        !node
            .run("user list --database acme")
            .done()
            .contains("disabled")
    );
}

fn groups_are_made(node: &Node) {
    let acme = |command: &str, rest: &str| node.run(&format!("{command} --database acme {rest}"));
    let listed = acme("group list", "--json").json();
    let [administrator, portal, user] = listed.as_array().unwrap().as_slice() else {
        panic!("{listed}");
    };
    assert_eq!(
        [&administrator["name"], &portal["name"], &user["name"]],
        ["administrator", "portal", "user"]
    );
    let right = administrator["rights"].get(0).unwrap();
    assert_eq!(
        (&administrator["implies"], &right["resource"], &right["may"]),
        (&json!(["user"]), &json!("audit"), &json!(["read"]))
    );

    let desk = "--name help_desk --title Desk --about Helps";
    assert!(
        acme("group add", desk)
            .stderr
            .contains("Added group help_desk to acme.")
    );
    assert_eq!(
        acme("group add", desk).failed(1),
        "another group has this name"
    );
    let refused = acme("group add", "--name Desk --title Desk").failed(2);
    assert!(
        refused.contains("a group's name is a small letter"),
        "{refused}"
    );
    acme(
        "group set-right",
        "--group help_desk --resource users --may write --may read",
    )
    .done();
    let refused = acme("group set-right", "--group help_desk --resource cats").failed(2);
    assert!(
        refused.contains("choose users, companies, groups"),
        "{refused}"
    );
    let refused = acme(
        "group set-right",
        "--group help_desk --resource users --may see",
    )
    .failed(2);
    assert!(
        refused.contains("choose read, write, create or delete"),
        "{refused}"
    );
    acme("group set-implied", "--group help_desk --implies user").done();
    let circle = acme("group set-implied", "--group user --implies help_desk").failed(1);
    assert_eq!(circle, "the group would imply itself");
    let unknown = acme("group delete", "--group desk").failed(1);
    assert!(unknown.starts_with("there is no group 'desk' in database 'acme'"));
    let fixed = acme("group delete", "--group user").failed(1);
    assert_eq!(fixed, "the group is built in");

    let bob = |rest: &str| {
        acme(
            "user set-groups",
            &format!("--login bob@example.com {rest}"),
        )
    };
    bob("--group help_desk").done();
    let both = bob("--group help_desk --group portal").failed(1);
    assert_eq!(
        both,
        "a user would be in the groups 'user' and 'portal' at once"
    );
    assert_eq!(
        acme("user groups", "--login bob@example.com --json").json(),
        json!([{"name": "help_desk", "title": "Desk"}])
    );
    let listed = acme("group list", "--json").json();
    let listed = listed.as_array().unwrap();
    let desk = listed.iter().find(|group| group["name"] == "help_desk");
    assert_eq!(
        desk,
        Some(&json!({
            "name": "help_desk",
            "title": "Desk",
            "about": "Helps",
            "is_built_in": false,
            "implies": ["user"],
            "rights": [{"resource": "users", "may": ["read", "write"]}],
            "users": 1,
        }))
    );
    rules_are_made(node);
    policies_are_made(node);
    // A deletion of the group would widen what the rule narrows.
    assert_eq!(
        acme("group delete", "--group help_desk").failed(1),
        "rules or policies are for the users of the group: delete these first"
    );
    acme("rule delete", "--name Desk").done();
    acme("group delete", "--group help_desk").done();
    assert_eq!(
        acme("rule list", "--json").json().as_array().unwrap().len(),
        1
    );
    bob("--group user").done();
}

fn rules_are_made(node: &Node) {
    let acme = |command: &str, rest: &str| node.run(&format!("{command} --database acme {rest}"));
    assert!(acme("rule list", "").stderr.contains("There is no rule."));
    let all = "--name Companies --resource users --for read --rows allowed_companies";
    acme("rule add", all).done();
    assert_eq!(
        acme("rule add", all).failed(1),
        "another rule has this name"
    );
    let desk = "--name Desk --group help_desk --resource users --for write --for read --rows all";
    acme("rule add", desk).done();
    let wrong = acme(
        "rule add",
        "--name X --resource users --for read --rows some",
    )
    .failed(2);
    assert!(
        wrong.contains("choose own, active_companies, allowed_companies or all"),
        "{wrong}"
    );
    assert_eq!(
        acme("rule list", "--json").json(),
        json!([
            {
                "name": "Companies", "resource": "users", "group": null, "for": ["read"],
                "rows": "allowed_companies",
            },
            {
                "name": "Desk", "resource": "users", "group": "help_desk",
                "for": ["read", "write"], "rows": "all",
            },
        ])
    );
    let explain = "--login bob@example.com --user ada@example.com";
    assert_eq!(
        acme("rule explain", &format!("{explain} --json")).json(),
        json!([
            {"decides": "right", "name": null, "group": "help_desk", "rows": null, "passes": true},
            {
                "decides": "rule", "name": "Companies", "group": null, "rows": "allowed_companies",
                "passes": true,
            },
            {"decides": "rule", "name": "Desk", "group": "help_desk", "rows": "all", "passes": true},
            {"decides": "result", "name": null, "group": null, "rows": null, "passes": true},
        ])
    );
    let company = acme("rule explain", "--login bob@example.com --company acme").done();
    assert!(company.starts_with("DECIDES  NAME"), "{company}");
    acme("rule explain", "--login bob@example.com").failed(2);
    assert_eq!(
        acme("rule delete", "--name Cats").failed(1),
        "there is no rule of this name"
    );
    acme(
        "rule add",
        "--name Own --resource users --for read --rows own",
    )
    .done();
    acme("rule delete", "--name Own").done();
}

fn a_switch_is_set(node: &Node) {
    let acme = |command: &str, rest: &str| node.run(&format!("{command} --database acme {rest}"));
    let refused = acme("policy set", "--setting shared_computer --value 1").failed(1);
    assert!(
        refused.contains("the only value of this setting is `always`"),
        "{refused}"
    );
    acme("policy set", "--setting shared_computer --value always").done();
    let listed = acme("policy list", "").done();
    assert!(
        listed.contains("shared_computer") && listed.contains("always"),
        "{listed}"
    );
    let explained = acme("policy explain", "--login bob@example.com --json").json();
    let shared = json!({
        "setting": "shared_computer", "value": 1, "from": "database", "name": null, "configured": null,
        "policies": [{ "setting": "shared_computer", "value": 1, "level": "database", "name": null }],
    });
    assert_eq!(explained.get(5), Some(&shared));
    acme("policy clear", "--setting shared_computer").done();
}

fn longer_passwords_are_asked_for(node: &Node) {
    let acme = |command: &str, rest: &str| {
        node.run(&format!(
            "{command} --database acme --setting min_password_length {rest}"
        ))
    };
    let refused = acme("policy set", "--value 15").failed(1);
    assert!(refused.contains("must be larger"), "{refused}");
    let refused = acme("policy set", "--value 65").failed(1);
    assert!(refused.contains("at most 64"), "{refused}");
    let would = acme("policy set", "--value 20 --try-out").stderr;
    assert!(would.contains("Nothing has changed."), "{would}");
    let set = acme("policy set", "--value 20").stderr;
    assert!(set.contains("The policy holds for new passwords."), "{set}");
    acme("policy clear", "").done();
}

fn policies_are_made(node: &Node) {
    let acme = |command: &str, rest: &str| node.run(&format!("{command} --database acme {rest}"));
    let empty = acme("policy list", "").stderr;
    assert!(empty.contains("There is no policy."), "{empty}");
    let warehouse = "--group help_desk --setting idle_timeout --value";
    let would = acme("policy set", &format!("{warehouse} 15min --try-out")).stderr;
    assert!(would.contains("Nothing has changed."), "{would}");
    assert_eq!(acme("policy list", "--json").json(), json!([]));
    let set = acme("policy set", &format!("{warehouse} 15min")).stderr;
    assert!(
        set.contains("Set idle_timeout to 15min for group help_desk."),
        "{set}"
    );
    acme("policy set", "--setting idle_timeout --value 4h").done();
    acme(
        "policy set",
        "--company acme --setting max_sessions --value 3",
    )
    .done();
    for (rest, refusal) in [
        ("--setting idle_timeout --value 12h", "says 12h"),
        ("--setting idle_timeout --value 119s", "at least 2min"),
        (
            "--setting idle_timeout --value 10m",
            "`10m` is not a duration",
        ),
        ("--setting max_sessions --value 1h", "at least 1"),
        ("--setting max_sessions --value 0", "at least 1"),
        ("--group nope --setting idle_timeout --value 1h", "nope"),
        ("--company nope --setting idle_timeout --value 1h", "nope"),
    ] {
        let refused = acme("policy set", rest).failed(1);
        assert!(refused.contains(refusal), "{rest}: {refused}");
    }
    let unknown = acme("policy set", "--setting colour --value 1h").failed(2);
    assert!(unknown.contains("choose idle_timeout, "), "{unknown}");
    let both = "--group help_desk --company acme --setting idle_timeout --value 1h";
    acme("policy set", both).failed(2);
    let row = |setting, value: u32, level, name: Option<&str>| json!({ "setting": setting, "value": value, "level": level, "name": name });
    let idle = |value, level, name| row("idle_timeout", value, level, name);
    assert_eq!(
        acme("policy list", "--json").json(),
        json!([
            idle(14_400, "database", None),
            idle(900, "group", Some("help_desk")),
            row("max_sessions", 3, "company", Some("acme")),
        ])
    );
    let explained = acme("policy explain", "--login bob@example.com --json").json();
    assert_eq!(
        explained.get(0),
        Some(&json!({
            "setting": "idle_timeout", "value": 900, "from": "group", "name": "help_desk",
            "configured": 43_200,
            "policies": [idle(900, "group", Some("help_desk")), idle(14_400, "database", None)],
        }))
    );
    let explained = acme("policy explain", "--login bob@example.com").done();
    let mut lines = explained.lines().map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        words.join(" ")
    });
    assert_eq!(
        lines.nth(1).as_deref(),
        Some("idle_timeout 15min group help_desk 4h database, 12h configuration")
    );
    assert_eq!(
        lines.nth(3).as_deref(),
        Some("max_sessions 3 company acme 200 configuration")
    );
    assert_eq!(
        lines.next().as_deref(),
        Some("shared_computer as said at log-in configuration")
    );
    a_switch_is_set(node);
    longer_passwords_are_asked_for(node);
    let entries = acme("audit list", "--subject policy --json").json();
    assert_eq!(entries.as_array().map(Vec::len), Some(7), "{entries}");
    for (rest, place) in [
        ("--setting idle_timeout", "database acme"),
        ("--company ACME --setting max_sessions", "company ACME"),
        (
            "--group help_desk --setting idle_timeout",
            "group help_desk",
        ),
    ] {
        let cleared = acme("policy clear", rest).stderr;
        assert!(cleared.contains(&format!(" for {place}.")), "{cleared}");
        let gone = acme("policy clear", rest).failed(1);
        assert_eq!(gone, "there is no such policy");
    }
}

/// The number of sessions that an administrator ended, according to the audit log of a command.
fn ends_logged(ended: &Outcome) -> usize {
    let lines = ended.stderr.lines();
    let is_end = |line: &&str| {
        line.contains("latchkey::audit: event=\"session_ended\"")
            && line.contains("login=\"bob@example.com\"")
            && line.contains("cause=\"administrator\"")
    };
    lines.filter(is_end).count()
}

fn databases_are_dropped(node: &Node) {
    assert_eq!(node.run("db drop globex").code, Some(2));
    assert_eq!(node.run("db drop globex --yes").done(), "");
    assert!(
        node.run("db drop globex --yes")
            .failed(1)
            .starts_with("there is no database 'globex'")
    );
    assert!(
        node.run("db drop postgres --yes")
            .failed(1)
            .starts_with("there is no database 'postgres'")
    );
    assert_eq!(node.run("db list --json").json(), json!([{"name": "acme"}]));
}

/// Opens a session in `acme`, as the log-in page would.
fn log_in(cluster: &Cluster, login: &str, password: &str) {
    let parts = Parts {
        server: cluster.url("postgres").parse().unwrap(),
        settings: Settings::default(),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        modules: Vec::new(),
        places: Places::default(),
    };
    let password = Password::new(password.to_owned());
    let attempt = LogInAttempt {
        login: login.to_owned(),
        password,
        client: Client::default(),
        language: LanguageCode::default(),
        computer: Computer::Own,
        replaces: None,
        devices: Vec::new(),
        remember_device: RememberDevice::No,
        code: TypedCode::None,
    };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let core = Core::new(parts).unwrap();
        let database = core
            .databases
            .open_any(&"acme".parse().unwrap())
            .await
            .unwrap();
        core.log_in.attempt(&database, attempt).await.unwrap();
        core.databases.close().await;
    });
}
