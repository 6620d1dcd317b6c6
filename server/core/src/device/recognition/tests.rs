use super::*;

/// Agents of browsers, apps, machines and programs, each with the names that people read.
const AGENTS: &str = include_str!("../../../data/agents-and-names.txt");

fn device(agent: &str) -> (DeviceKind, String) {
    let device = Devices::default().recognise(&Agent::from_header(agent.as_bytes()));
    let part = |part: Option<&str>| part.unwrap_or("-").to_owned();
    let name = format!(
        "{} {} / {}",
        part(device.browser.as_deref()),
        part(device.browser_version.as_deref()),
        part(device.place()),
    );
    (device.kind, name)
}

#[test]
fn devices_are_called_what_people_call_them() {
    let devices = Devices::default();
    let mut count = 0;
    for line in AGENTS.lines().filter(|line| !line.starts_with('#')) {
        let (expected, agent) = line.split_once('\t').unwrap();
        let device = devices.recognise(&Agent::from_header(agent.as_bytes()));
        let browser = device.browser.as_deref().unwrap_or("Unknown browser");
        let name = match device.place() {
            Some(place) => format!("{:?}: {browser} on {place}", device.kind),
            None => format!("{:?}: {browser}", device.kind),
        };
        assert_eq!(name, expected, "{agent}");
        count += 1;
    }
    assert!(count >= 60, "{count}");
}

#[test]
fn versions_are_told_to_the_second_number() {
    for (agent, name) in [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
            "Firefox 141.0 / Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/8.1.1 Mobile/15E148 Safari/605.1.15 Focus/8.1.1",
            "Firefox Focus 8.1 / iPhone",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/139.0.7258.76 Mobile/15E148 Safari/604.1",
            "Chrome 139.0 / iPhone",
        ),
        ("Brave/", "Brave - / -"),
    ] {
        assert_eq!(device(agent).1, name, "{agent}");
    }
}

#[test]
fn unknown_agents_are_unknown_and_not_blank() {
    for agent in ["", "x", "<script>alert(1)</script>", "\u{202e}gnp.exe"] {
        assert_eq!(
            device(agent),
            (DeviceKind::Other, "- - / -".to_owned()),
            "{agent:?}"
        );
    }
}
