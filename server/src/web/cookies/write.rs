//! Writes a request's changes to the browser's cookies.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cookie::{Cookie, CookieBuilder, SameSite};
use http::{HeaderMap, HeaderValue, header};
use latchkey_app::request::{Changes, PostedChange, SessionChange};
use latchkey_core::{database::DatabaseName, user::Theme};
use time::Duration;

use super::{CHOICE, DEVICE, LANGUAGE, POSTED, SESSION, THEME, Transport};
use crate::web::forms;

/// Age of what a person has chosen. It is not secret, but need not be remembered for ever.
const CHOICE_AGE: Duration = Duration::days(365);

/// Age of the device cookie, which is the longest that browsers permit (RFC 6265bis, 5.5).
const DEVICE_AGE: Duration = Duration::days(400);

/// Age of a form's outcome. The browser requests the next page at once.
const POSTED_AGE: Duration = Duration::minutes(1);

/// Writes the changes of a request. `current` is the database of the request, if the request brought its session
/// cookie: the cookie that [`SessionChange::Remove`] means.
pub(in crate::web) fn write(
    headers: &mut HeaderMap,
    changes: Changes,
    current: Option<&DatabaseName>,
    transport: Transport,
) {
    let cookies = [
        changes.session.and_then(|change| session(&change, current)),
        changes.device.map(|(database, value)| {
            Cookie::build((format!("{DEVICE}{database}"), value)).max_age(DEVICE_AGE)
        }),
        changes.posted.and_then(posted),
        changes
            .chosen
            .map(|database| chosen(CHOICE, database.to_string())),
        changes
            .language
            .map(|language| chosen(LANGUAGE, language.to_cookie())),
        changes.theme.map(|theme| chosen(THEME, theme_value(theme))),
    ];
    let left = changes.left.iter().map(session_removal);
    for cookie in cookies.into_iter().flatten().chain(left) {
        let line = complete(cookie.build(), transport).to_string();
        if let Ok(line) = HeaderValue::try_from(line) {
            headers.append(header::SET_COOKIE, line);
        }
    }
}

fn session(
    change: &SessionChange,
    current: Option<&DatabaseName>,
) -> Option<CookieBuilder<'static>> {
    match change {
        SessionChange::Issue {
            database,
            token,
            max_age,
        } => {
            let value = URL_SAFE_NO_PAD.encode(token.to_bytes());
            let mut cookie = Cookie::new(format!("{SESSION}{database}"), value);
            cookie.set_max_age(*max_age);
            Some(cookie.into())
        }
        SessionChange::Remove => Some(session_removal(current?)),
    }
}

fn session_removal(database: &DatabaseName) -> CookieBuilder<'static> {
    removal(format!("{SESSION}{database}"))
}

fn posted(change: PostedChange) -> Option<CookieBuilder<'static>> {
    match change {
        PostedChange::Tell(posted) => {
            let value = forms::to_cookie(&posted)?;
            Some(Cookie::build((POSTED, value)).max_age(POSTED_AGE))
        }
        PostedChange::Forget => Some(removal(POSTED.to_owned())),
    }
}

/// A cookie that remembers a choice; an empty value removes the cookie.
fn chosen(name: &'static str, value: String) -> CookieBuilder<'static> {
    if value.is_empty() {
        return removal(name.to_owned());
    }
    Cookie::build((name, value)).max_age(CHOICE_AGE)
}

/// The theme of the system is what a browser without the cookie gets.
fn theme_value(theme: Theme) -> String {
    match theme {
        Theme::System => String::new(),
        Theme::Light | Theme::Dark => theme.as_str().to_owned(),
    }
}

/// A removal of the cookie: browsers delete a cookie whose age is zero.
fn removal(name: String) -> CookieBuilder<'static> {
    Cookie::build((name, "")).max_age(Duration::ZERO)
}

/// The cookie with the attributes of every cookie, and under the prefix of the transport. Browsers refuse the
/// prefix
/// without `Secure` and `Path=/`, also for a removal (RFC 6265bis, 5.7).
fn complete(mut cookie: Cookie<'static>, transport: Transport) -> Cookie<'static> {
    cookie.set_name(format!("{}{}", transport.prefix(), cookie.name()));
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_secure(transport == Transport::Https);
    cookie.set_path("/");
    cookie
}
