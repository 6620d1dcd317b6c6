//! The addresses that links, redirects and requests name.

use latchkey_words::{AuditSubject, CompanyId, GroupId, Step, UserId};

/// The parameter with which the log-in page looks for a cookie.
pub const COOKIE: &str = "cookie";

/// The parameter in which the address of a form names the owner of the form's page.
pub const OWNER: &str = "owner";

/// The parameter that asks for a debug mode.
pub const DEBUG: &str = "debug";

/// Home: the user's name, database and devices.
pub const HOME: &str = "/";
/// Log in.
pub const LOG_IN: &str = "/login";
/// What to do about a forgotten password.
pub const FORGOTTEN_PASSWORD: &str = "/forgotten-password";
/// Replace a one-time password.
pub const NEW_PASSWORD: &str = "/new-password";
/// Choose a database.
pub const DATABASES: &str = "/databases";
/// My Profile: the person's own name and preferences.
pub const PROFILE: &str = "/profile";
/// My Profile: the password.
pub const SECURITY: &str = "/profile/security";
/// My Profile: the devices that are logged in.
pub const DEVICES: &str = "/profile/devices";
/// The same with a long list whole.
pub const ALL_DEVICES: &str = "/profile/devices?all";
/// What that page shows, requested by an open page.
pub const DEVICE_OVERVIEW: &str = "/api/device_overview";

/// My Profile: the events of the account.
pub const ACTIVITY: &str = "/profile/activity";
/// The same as a file for a spreadsheet.
pub const ACTIVITY_CSV: &str = "/profile/activity.csv";
/// The same as a file for a program.
pub const ACTIVITY_JSON: &str = "/profile/activity.json";
/// Settings: the users of the database.
pub const USERS: &str = "/settings/users";
/// Settings: a user, named by the parameter `id`.
pub const USER: &str = "/settings/user";
/// Settings: add a user.
pub const ADD_USER: &str = "/settings/users/new";
/// Settings: the companies of the database.
pub const COMPANIES: &str = "/settings/companies";
/// Settings: a company, named by the parameter `id`.
pub const COMPANY: &str = "/settings/company";
/// Settings: add a company.
pub const ADD_COMPANY: &str = "/settings/companies/new";
/// The logo of a company, named by the parameter `id`.
pub const LOGO: &str = "/companies/logo";
/// Settings: the groups of the database.
pub const GROUPS: &str = "/settings/groups";
/// Settings: a group, named by the parameter `id`.
pub const GROUP: &str = "/settings/group";
/// Settings: the record rules of the database.
pub const RULES: &str = "/settings/rules";
/// Settings: add a group.
pub const ADD_GROUP: &str = "/settings/groups/new";
/// Settings: the policies.
pub const POLICIES: &str = "/settings/policies";
/// Settings: the audit log.
pub const AUDIT: &str = "/settings/audit";
/// The same as a file for a spreadsheet.
pub const AUDIT_CSV: &str = "/settings/audit.csv";
/// The same as a file for a program.
pub const AUDIT_JSON: &str = "/settings/audit.json";
/// The visitor's session, requested by an open page.
pub const CURRENT_SESSION: &str = "/api/current_session";
/// The reason why the visitor's last session ended.
pub const END_NOTICE: &str = "/api/end_notice";
/// Changes of the visitor's sessions, as server-sent events.
pub const SESSION_EVENTS: &str = "/api/session_events";

/// The address of the logo of a company. Another logo has another address, so that browsers keep a logo.
#[cfg(feature = "ssr")]
pub fn logo_of(company: CompanyId, logo: &str) -> String {
    format!("{LOGO}?id={company}&logo={logo}")
}

/// The page on which a person takes a step of the log-in.
pub const fn of_step(step: Step) -> &'static str {
    match step {
        Step::NewPassword => NEW_PASSWORD,
    }
}

/// The page of this path, if it is one before the log-in other than the log-in page.
#[cfg(feature = "ssr")]
pub fn before_log_in(path: &str) -> Option<&'static str> {
    let pages = [FORGOTTEN_PASSWORD, NEW_PASSWORD, DATABASES];
    pages.into_iter().find(|page| *page == path)
}

/// The first value of a parameter in a query.
#[cfg(feature = "ssr")]
pub fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    parameters(query, name).next()
}

/// All values of a parameter in a query.
#[cfg(feature = "ssr")]
pub fn parameters(query: Option<&str>, name: &str) -> impl Iterator<Item = String> {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs.filter_map(move |(key, value)| (key == name).then(|| value.into_owned()))
}

/// The Devices page with the devices that have a text, and that were not used for 30 days if `only_unused`.
#[cfg(feature = "ssr")]
pub fn devices(search: &str, only_unused: bool) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if !search.is_empty() {
        query.append_pair("search", search);
    }
    if only_unused {
        query.append_key_only("unused");
    }
    let query = query.finish();
    if query.is_empty() {
        return DEVICES.to_owned();
    }
    format!("{DEVICES}?{query}")
}

/// Only the server writes this link.
#[cfg(not(feature = "ssr"))]
pub fn devices(_search: &str, _only_unused: bool) -> String {
    DEVICES.to_owned()
}

/// The Devices page with the question whether to revoke a device.
pub fn revoke_device(device: &str) -> String {
    format!("{DEVICES}?revoke={device}")
}

/// The page of users with a text in login or name, in a group or in any, after the user of a cursor.
#[cfg(feature = "ssr")]
pub fn users(search: &str, group: Option<&str>, after: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(group) = group {
        query.append_pair("group", group);
    }
    if !search.is_empty() {
        query.append_pair("search", search);
    }
    if let Some(cursor) = after {
        query.append_pair("after", cursor);
    }
    let query = query.finish();
    if query.is_empty() {
        return USERS.to_owned();
    }
    format!("{USERS}?{query}")
}

/// Only the server writes this link.
#[cfg(not(feature = "ssr"))]
pub fn users(_search: &str, _group: Option<&str>, _after: Option<&str>) -> String {
    USERS.to_owned()
}

/// The page of a user.
pub fn user(id: UserId) -> String {
    [USER, "?id=", &id.to_string()].concat()
}

/// The page of a company.
pub fn company(id: CompanyId) -> String {
    [COMPANY, "?id=", &id.to_string()].concat()
}

/// The page of a group.
pub fn group(id: GroupId) -> String {
    [GROUP, "?id=", &id.to_string()].concat()
}

/// The audit log, or a file with it, with the entries about a kind of subject, or about all, that have a text and are older than an
/// entry. `path` is [`AUDIT`], [`AUDIT_CSV`] or [`AUDIT_JSON`].
#[cfg(feature = "ssr")]
pub fn audit(
    path: &str,
    subject: Option<AuditSubject>,
    search: &str,
    before: Option<&str>,
) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(subject) = subject {
        query.append_pair("subject", subject.as_str());
    }
    if !search.is_empty() {
        query.append_pair("search", search);
    }
    if let Some(cursor) = before {
        query.append_pair("before", cursor);
    }
    let query = query.finish();
    if query.is_empty() {
        return path.to_owned();
    }
    format!("{path}?{query}")
}

/// Only the server writes this link.
#[cfg(not(feature = "ssr"))]
pub fn audit(
    path: &str,
    _subject: Option<AuditSubject>,
    _search: &str,
    _before: Option<&str>,
) -> String {
    path.to_owned()
}

/// The Activity page with some kinds of events, from an entry on.
pub fn activity(show: &str, from: Option<&str>) -> String {
    let from = from.map(|cursor| format!("from={cursor}"));
    let show = (show != "all").then(|| format!("show={show}"));
    let asked: Vec<_> = [show, from].into_iter().flatten().collect();
    if asked.is_empty() {
        return ACTIVITY.to_owned();
    }
    format!("{ACTIVITY}?{}", asked.join("&"))
}

/// A file with some kinds of events. `file` is its path.
pub fn activity_file(file: &str, show: &str) -> String {
    if show == "all" {
        return file.to_owned();
    }
    format!("{file}?show={show}")
}

/// The path after a log-in: `next` if it is a path of this origin, else home (ASVS 3.7.2).
pub fn landing(next: Option<&str>) -> &str {
    next.filter(|path| is_own_path(path)).unwrap_or(HOME)
}

/// The log-in page that leads to `path` afterwards.
pub fn log_in_then(path: &str) -> String {
    if path == HOME || !is_own_path(path) {
        return LOG_IN.to_owned();
    }
    let mut url = format!("{LOG_IN}?next=");
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            url.push(char::from(byte));
        } else {
            // `write!` formats numbers, and that code would add half a kilobyte to the browser's files.
            url.extend(['%', hexadecimal(byte >> 4), hexadecimal(byte & 15)]);
        }
    }
    url
}

/// The log-in page that checks whether the browser has kept a cookie, and then leads to `path`.
pub fn check_cookie(marker: &str, path: &str) -> String {
    let page = log_in_then(path);
    let separator = if page.contains('?') { '&' } else { '?' };
    format!("{page}{separator}{COOKIE}={marker}")
}

fn hexadecimal(digit: u8) -> char {
    char::from_digit(u32::from(digit), 16).map_or('0', |digit| digit.to_ascii_uppercase())
}

/// Whether `path` is a page of this origin in visible ASCII, as a header requires. A browser reads `//host`,
/// `/\host` and paths with control characters as another origin.
fn is_own_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.bytes().all(|byte| byte.is_ascii_graphic())
        && !path.starts_with("/api/")
        && !path.starts_with(LOG_IN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "ssr")]
    #[test]
    fn a_search_and_a_filter_of_devices_share_a_link() {
        assert_eq!(devices("", false), DEVICES);
        assert_eq!(devices("", true), "/profile/devices?unused");
        assert_eq!(
            devices("a&b é", false),
            "/profile/devices?search=a%26b+%C3%A9"
        );
        assert_eq!(devices("x", true), "/profile/devices?search=x&unused");
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn a_page_of_users_keeps_the_search() {
        assert_eq!(users("", None, None), USERS);
        assert_eq!(users("a&b", None, None), "/settings/users?search=a%26b");
        assert_eq!(
            users("a", None, Some("ada@example.com")),
            "/settings/users?search=a&after=ada%40example.com"
        );
    }

    #[test]
    fn a_log_in_lands_on_own_paths_only() {
        assert_eq!(
            landing(Some("/profile/devices?x=1")),
            "/profile/devices?x=1"
        );
        for evil in [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "evil",
            "",
            "/a\r\nb",
            "\\/evil",
            "/\t/evil.example",
            "/profile\u{85}",
            "/profile/\u{fc}",
            "/profile x",
            "/login",
            "/api/log_out",
            "javascript:alert(1)",
        ] {
            assert_eq!(landing(Some(evil)), HOME, "{evil:?}");
        }
        assert_eq!(landing(None), HOME);
    }

    #[test]
    fn the_way_back_is_one_encoded_parameter() {
        assert_eq!(
            log_in_then("/profile/devices"),
            "/login?next=/profile/devices"
        );
        assert_eq!(log_in_then("/a?b=c&d=e"), "/login?next=/a%3Fb%3Dc%26d%3De");
        assert_eq!(log_in_then("/"), "/login");
        assert_eq!(check_cookie("x", "/"), "/login?cookie=x");
        assert_eq!(check_cookie("x", "/a"), "/login?next=/a&cookie=x");
    }

    #[test]
    fn the_log_in_page_leads_back_to_the_page_it_was_asked_for() {
        for page in [PROFILE, SECURITY, DEVICES, ACTIVITY, DATABASES] {
            assert_eq!(log_in_then(page), format!("/login?next={page}"));
            assert_eq!(landing(Some(page)), page);
        }
        for foreign in ["//evil.example", "/api/log_out", LOG_IN, ""] {
            assert_eq!(log_in_then(foreign), LOG_IN, "{foreign:?}");
        }
    }

    #[test]
    fn a_page_of_activity_begins_at_its_cursor() {
        assert_eq!(activity("all", None), "/profile/activity");
        assert_eq!(
            activity("failed", Some("12.34")),
            "/profile/activity?show=failed&from=12.34"
        );
    }

    #[test]
    fn a_page_of_the_audit_log_keeps_the_subject() {
        assert_eq!(audit(AUDIT, None, "", None), AUDIT);
        assert_eq!(
            audit(AUDIT, Some(AuditSubject::Rule), "a&b", Some("7")),
            "/settings/audit?subject=rule&search=a%26b&before=7"
        );
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn a_parameter_is_decoded_once_and_the_first_counts() {
        let query = Some("next=/a%253Fb&next=/c&x=1+2");
        assert_eq!(parameter(query, "next").as_deref(), Some("/a%3Fb"));
        assert_eq!(parameter(query, "x").as_deref(), Some("1 2"));
        let all: Vec<_> = parameters(query, "next").collect();
        assert_eq!(all, ["/a%3Fb", "/c"]);
        assert_eq!(parameter(query, "y"), None);
        assert_eq!(parameter(None, "x"), None);
    }
}
