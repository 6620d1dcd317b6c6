//! The cost of the user's environment: companies, rights, record rules and policies.

use anyhow::Result;

use crate::{
    Effort,
    client::{Ask, Connection},
    load,
    report::{Bound, Report},
    stage::Stage,
};

const CONNECTIONS: usize = 8;

/// The user without groups of their own.
const PLAIN: &str = "plain@example.com";

/// The user with all companies, groups, rights, rules and policies.
const MANAGER: &str = "manager@example.com";

/// The number of companies, and of groups, each with a right, a rule and a policy.
const EACH: usize = 10;

/// Measures a request and Home for a user with a large environment, compared with a user without one.
pub async fn measure(stage: &Stage, effort: Effort, report: &mut Report) -> Result<()> {
    let plain = log_in(stage, PLAIN).await?;
    let manager = log_in(stage, MANAGER).await?;
    furnish(stage)?;

    let request = Ask::data("/api/current_session")?;
    let of_plain = stage.target("plain", vec![plain(request.clone())]);
    let of_manager = stage.target("manager", vec![manager(request)]);
    let few = load::in_turns([&of_plain, &of_manager], CONNECTIONS, effort).await?;
    let [of_plain, of_manager] = few;
    report.row(
        "authenticated request, processor time with 10 companies, groups, rules and policies ÷ without",
        of_manager.cpu.sum() / of_plain.cpu.sum(),
        "",
        Bound::AtMost(1.1),
    );
    let home = Ask::page("/")?;
    let of_plain = stage.target("Home, plain", vec![plain(home.clone())]);
    let of_manager = stage.target("Home, manager", vec![manager(home)]);
    let homes = load::in_turns([&of_plain, &of_manager], CONNECTIONS, effort).await?;
    let [of_plain, of_manager] = homes;
    report.row(
        "Home, processor time with tiles and their numbers ÷ without",
        of_manager.cpu.sum() / of_plain.cpu.sum(),
        "",
        Bound::None,
    );
    Ok(())
}

/// Adds a user and logs the user in. Returns what makes a request that user's.
async fn log_in(stage: &Stage, login: &str) -> Result<impl Fn(Ask) -> Ask> {
    let ask = stage.another_user(login)?;
    let answer = Connection::open(&stage.address).await?.send(&ask).await?;
    let cookie = answer.session_cookie()?;
    Ok(move |ask: Ask| ask.with_cookie(&cookie))
}

fn furnish(stage: &Stage) -> Result<()> {
    let run = |command: &str, arguments: &[&str]| {
        let command: Vec<_> = command.split(' ').collect();
        stage.administer(&[&command[..], &["--database", Stage::DATABASE], arguments].concat())
    };
    let mut companies = Vec::new();
    let mut groups = vec!["--group".to_owned(), "user".to_owned()];
    for number in 0..EACH {
        let company = format!("Company {number}");
        run("company add", &["--name", &company])?;
        companies.extend(["--company".to_owned(), company]);
        let group = format!("group_{number}");
        run("group add", &["--name", &group, "--title", &group])?;
        let right = ["--group", &group, "--resource", "users", "--may", "read"];
        run("group set-right", &right)?;
        let rule = format!("Rule {number}");
        run(
            "rule add",
            &[
                "--name",
                &rule,
                "--group",
                &group,
                "--resource",
                "users",
                "--for",
                "read",
                "--rows",
                "allowed_companies",
            ],
        )?;
        let hours = format!("{}h", number + 1);
        let policy = [
            "--group",
            &group,
            "--setting",
            "idle_timeout",
            "--value",
            &hours,
        ];
        run("policy set", &policy)?;
        groups.extend(["--group".to_owned(), group]);
    }
    let all = |command, names: &[String]| {
        let names = names.iter().map(String::as_str);
        let arguments: Vec<_> = ["--login", MANAGER].into_iter().chain(names).collect();
        run(command, &arguments)
    };
    all("user set-companies", &companies)?;
    all("user set-groups", &groups)
}
