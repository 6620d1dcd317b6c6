//! The everyday names of browsers and devices, where the names in the rules are too detailed or less exact.

use super::DeviceKind;

/// Browsers that the rules mistake for the browser that they are built on: a part of the agent, and the name.
const PRODUCTS: &[(&str, &str)] = &[
    ("Ddg/", "DuckDuckGo"),
    ("OPT/", "Opera"),
    ("Focus/", "Firefox Focus"),
    ("Klar/", "Firefox Klar"),
    ("Brave/", "Brave"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("OculusBrowser/", "Meta Quest Browser"),
    ("NintendoBrowser/", "Nintendo Browser"),
    ("Slack/", "Slack"),
    ("Teams/", "Teams"),
    ("Dart/", "Dart"),
];

/// Machines that are neither computers nor phones: a part of the agent, and the name.
const MACHINES: &[(&str, &str)] = &[
    ("AppleTV", "Apple TV"),
    ("Web0S", "LG TV"),
    ("BRAVIA", "Sony TV"),
    ("; AFT", "Fire TV"),
    ("CrKey", "Chromecast"),
    ("Roku", "Roku"),
    ("Tizen", "Samsung TV"),
    ("SMART-TV", "TV"),
    ("SmartTV", "TV"),
    ("HbbTV", "TV"),
    ("Android TV", "Android TV"),
    ("PlayStation 5", "PlayStation 5"),
    ("PlayStation 4", "PlayStation 4"),
    ("PLAYSTATION 3", "PlayStation 3"),
    ("PlayStation", "PlayStation"),
    ("Xbox", "Xbox"),
    ("Nintendo Switch", "Nintendo Switch"),
    ("Nintendo", "Nintendo"),
    ("OculusBrowser", "Meta Quest"),
    ("Tesla/", "Tesla"),
];

/// Programs of the command line and of developers: the first product that the agent names, in small letters.
const PROGRAMS: &[&str] = &[
    "aiohttp",
    "apache-httpclient",
    "axios",
    "curl",
    "dart",
    "go-http-client",
    "httpie",
    "httpx",
    "java-http-client",
    "libcurl",
    "libwww-perl",
    "node-fetch",
    "okhttp",
    "postmanruntime",
    "python-httpx",
    "python-requests",
    "python-urllib",
    "ruby",
    "undici",
    "wget",
    "wget2",
    "xh",
];

/// The name and version of a browser in [`PRODUCTS`].
pub(super) fn product(agent: &str) -> Option<(&'static str, Option<String>)> {
    let (start, token, name) = PRODUCTS
        .iter()
        .find_map(|(token, name)| agent.find(token).map(|start| (start, token, name)))?;
    let version = agent.get(start + token.len()..)?;
    let version = version.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let numbers = version.take(1).flat_map(|version| version.split('.'));
    let numbers: Vec<&str> = numbers
        .filter(|number| !number.is_empty())
        .take(2)
        .collect();
    let version = Some(numbers.join(".")).filter(|version| !version.is_empty());
    Some((name, version))
}

/// The everyday name of a browser that the rules have found. The name is the same on every device.
pub(super) fn browser<'a>(family: &'a str, agent: &str) -> Option<&'a str> {
    match family {
        "Other" => None,
        // The rules say "Apple Mail" for every agent that names only its engine.
        "Apple Mail" if special(agent).is_some() => None,
        "IE" | "IE Mobile" | "IE Large Screen" => Some("Internet Explorer"),
        "HeadlessChrome" => Some("Headless Chrome"),
        "MiuiBrowser" => Some("Mi Browser"),
        "PostmanRuntime" => Some("Postman"),
        "bingbot" => Some("Bingbot"),
        "Slack Desktop Client" => Some("Slack"),
        _ => Some(without_variant(family)),
    }
}

/// The browser's name without its variant: `Chrome Mobile WebView` is `Chrome`.
fn without_variant(family: &str) -> &str {
    let mut name = family.strip_prefix("Mobile ").unwrap_or(family);
    for variant in [" UI/WKWebView", " WebView", " iOS", " Mobile"] {
        name = name.strip_suffix(variant).unwrap_or(name);
    }
    name
}

/// The everyday name of a system.
pub(super) fn platform(name: &str) -> &str {
    match name {
        "Mac OS X" | "Mac OS" => "macOS",
        "Web0S" => "webOS",
        "ATV OS X" => "tvOS",
        "WatchOS" => "watchOS",
        "Arch Linux" | "CentOS" | "Debian" | "Fedora" | "Gentoo" | "Kubuntu" | "Linux Mint"
        | "Mandriva" | "PCLinuxOS" | "Red Hat" | "SUSE" | "Slackware" | "Ubuntu" => "Linux",
        _ => name,
    }
}

/// Whether the agent says that it is a bot. The system that a bot names is not its own.
pub(super) fn is_bot(agent: &str) -> bool {
    let agent = agent.to_ascii_lowercase();
    [
        "bot/",
        "bot;",
        "spider/",
        "spider;",
        "crawler",
        "externalhit/",
    ]
    .iter()
    .any(|word| agent.contains(word))
}

/// Whether the agent is that of a program without a page. A browser names "Mozilla" first.
fn is_program(agent: &str) -> bool {
    let first = agent.split(['/', ' ']).next().unwrap_or_default();
    // PowerShell alone says "Mozilla", too.
    PROGRAMS.contains(&&*first.to_ascii_lowercase()) || agent.contains("PowerShell/")
}

/// The machine's everyday name, if it says more than the system's name.
pub(super) fn machine(
    agent: &str,
    platform: Option<&str>,
    kind: DeviceKind,
) -> Option<&'static str> {
    if let Some(machine) = special(agent) {
        return Some(machine);
    }
    match (platform?, kind) {
        ("iOS", _) if agent.contains("iPad") => Some("iPad"),
        ("iOS", _) if agent.contains("iPod") => Some("iPod touch"),
        ("iOS", _) => Some("iPhone"),
        ("Android", DeviceKind::Phone) => Some("Android phone"),
        ("Android", DeviceKind::Tablet) => Some("Android tablet"),
        ("Chrome OS", _) => Some("Chromebook"),
        _ => None,
    }
}

fn special(agent: &str) -> Option<&'static str> {
    let machine = MACHINES.iter().find(|(word, _)| agent.contains(word));
    machine.map(|(_, name)| *name)
}

pub(super) fn kind(agent: &str, platform: Option<&str>) -> DeviceKind {
    let has = |word: &str| agent.contains(word);
    match platform {
        _ if special(agent).is_some() => DeviceKind::Other,
        _ if is_bot(agent) => DeviceKind::Bot,
        _ if is_program(agent) => DeviceKind::Program,
        _ if has("iPad") || has("Tablet") => DeviceKind::Tablet,
        Some("iOS") => DeviceKind::Phone,
        // Android browsers say "Mobile" on phones only. Opera Mini never says "Mobile".
        // <https://developer.mozilla.org/docs/Web/HTTP/Browser_detection_using_the_user_agent>
        Some("Android") if has("Mobile") || has("Opera Mini") => DeviceKind::Phone,
        Some("Android") => DeviceKind::Tablet,
        Some("Windows" | "macOS" | "Linux" | "Chrome OS" | "FreeBSD" | "OpenBSD" | "NetBSD") => {
            DeviceKind::Computer
        }
        _ if has("Mobile") => DeviceKind::Phone,
        _ => DeviceKind::Other,
    }
}
