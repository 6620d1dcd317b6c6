//! The audit log: every event of the core as one line under the target `latchkey::audit`.

use latchkey_core::{
    client::Client,
    company::CompanyId,
    database::DatabaseName,
    session::{EndCause, SessionId},
    user::User,
};
use latchkey_module::{
    AnyEvent, Builder, CompaniesChanged, CompanyRefused, DeviceAcknowledged, DeviceNamed,
    LogInCodeMade, LogInCodeUsed, LogInFailed, LogInSucceeded, Module, ModuleError, NoOptions,
    PasswordChanged, Seen, SessionEnded, Told, WrongCurrentPassword,
};
use tracing::{info, warn};

use crate::log::{AUDIT, neutral};

/// Logs who did what, when and from where (OWASP ASVS 16.2.1, 16.3.1). Text from clients is neutralised first
/// (16.4.1); events hold neither passwords nor tokens (16.2.5).
pub(crate) struct AuditLog;

impl Module for AuditLog {
    const NAME: &'static str = "audit-log";
    type Config = NoOptions;

    fn build(_: NoOptions, on: &mut Builder<Self>) -> Self {
        on.observes_all(tell);
        Self
    }
}

async fn tell(seen: Seen<AuditLog, AnyEvent>) -> Result<(), ModuleError> {
    write(&seen.told);
    Ok(())
}

/// The client's address and browser, as fields.
struct From {
    address: Option<String>,
    agent: String,
}

impl From {
    fn new(client: &Client) -> Self {
        let address = client.address.map(|address| address.to_string());
        Self {
            address,
            agent: neutral(client.agent.as_str()),
        }
    }
}

fn write(
    Told {
        database, event, ..
    }: &Told,
) {
    match event {
        AnyEvent::LogInSucceeded(LogInSucceeded {
            user,
            session,
            client,
            ..
        }) => {
            let From { address, agent } = From::new(client);
            let login = neutral(&user.login);
            info!(
                target: AUDIT, event = "log_in_succeeded", database = database.as_str(), login, user = %user.id,
                session = %session, address, agent,
            );
        }
        AnyEvent::LogInFailed(LogInFailed {
            login,
            failure,
            client,
            ..
        }) => {
            let From { address, agent } = From::new(client);
            let (module, code) = failure.refused_by().unzip();
            let failure = failure.as_str();
            let (database, login) = (database.as_str(), neutral(login));
            warn!(target: AUDIT, event = "log_in_failed", database, login, failure, module, code, address, agent);
        }
        AnyEvent::SessionEnded(SessionEnded {
            user,
            session,
            cause,
            ..
        }) => write_end(database, user, *session, *cause),
        AnyEvent::DeviceNamed(DeviceNamed {
            user,
            session,
            by,
            name,
            ..
        }) => {
            let name = name.as_ref().map(|name| neutral(name.as_str()));
            let sessions = [*session, *by];
            write_of_device("device_named", database, user, sessions, name.as_deref());
        }
        AnyEvent::DeviceAcknowledged(DeviceAcknowledged {
            user, session, by, ..
        }) => write_of_device("device_acknowledged", database, user, [*session, *by], None),
        AnyEvent::LogInCodeMade(LogInCodeMade {
            user, by, client, ..
        }) => {
            let From { address, agent } = From::new(client);
            let (database, login) = (database.as_str(), neutral(&user.login));
            let by = by.map(tracing::field::display);
            info!(
                target: AUDIT, event = "log_in_code_made", database, login, user = %user.id, by, address, agent,
            );
        }
        AnyEvent::LogInCodeUsed(LogInCodeUsed {
            user,
            session,
            client,
            ..
        }) => {
            let From { address, agent } = From::new(client);
            let (database, login) = (database.as_str(), neutral(&user.login));
            info!(
                target: AUDIT, event = "log_in_code_used", database, login, user = %user.id,
                session = %session, address, agent,
            );
        }
        AnyEvent::WrongCurrentPassword(WrongCurrentPassword {
            user,
            session,
            client,
            ..
        }) => write_suspicion("wrong_current_password", database, user, *session, client),
        AnyEvent::CompanyRefused(CompanyRefused {
            user,
            session,
            client,
            ..
        }) => write_suspicion("company_refused", database, user, *session, client),
        AnyEvent::CompaniesChanged(CompaniesChanged {
            user, companies, ..
        }) => write_companies(database, user, companies),
        AnyEvent::PasswordChanged(PasswordChanged { user, .. }) => {
            let (database, login) = (database.as_str(), neutral(&user.login));
            info!(target: AUDIT, event = "password_changed", database, login, user = %user.id);
        }
        other => info!(target: AUDIT, event = other.name(), database = database.as_str()),
    }
}

fn write_companies(database: &DatabaseName, user: &User, companies: &[CompanyId]) {
    let (database, login) = (database.as_str(), neutral(&user.login));
    let companies: Vec<String> = companies.iter().map(ToString::to_string).collect();
    let companies = companies.join(",");
    info!(target: AUDIT, event = "companies_changed", database, login, user = %user.id, companies);
}

fn write_end(database: &DatabaseName, user: &User, session: SessionId, cause: EndCause) {
    let (database, login) = (database.as_str(), neutral(&user.login));
    if cause == EndCause::TokenReused {
        warn!(target: AUDIT, event = "token_reused", database, session = %session);
    }
    let cause = cause.as_str();
    info!(
        target: AUDIT, event = "session_ended", database, login, user = %user.id, session = %session, cause,
    );
}

/// Writes what the user of a session does by mistake, and a thief of the session on purpose.
fn write_suspicion(
    event: &str,
    database: &DatabaseName,
    user: &User,
    session: SessionId,
    client: &Client,
) {
    let From { address, agent } = From::new(client);
    let (database, login) = (database.as_str(), neutral(&user.login));
    warn!(
        target: AUDIT, event, database, login, user = %user.id, session = %session, address, agent,
    );
}

/// Writes what a user said of the device of `session` in the session `by`.
fn write_of_device(
    event: &str,
    database: &DatabaseName,
    user: &User,
    [session, by]: [SessionId; 2],
    name: Option<&str>,
) {
    let (database, login) = (database.as_str(), neutral(&user.login));
    info!(
        target: AUDIT, event, database, login, user = %user.id, session = %session, by = %by, name,
    );
}

#[cfg(test)]
mod tests {
    use latchkey_core::{client::Agent, session::EndCause, user::User};
    use latchkey_module::{Denial, LogInFailure};
    use time::OffsetDateTime;

    use super::*;
    use crate::{config::LogFormat, log::testing::logged};

    const ID: &str = "0190a6e0-7c3e-7000-8000-000000000001";

    fn told(event: impl Into<AnyEvent>) -> Told {
        let id = uuid::Uuid::nil();
        let database = "acme".parse().unwrap();
        Told::new(id, OffsetDateTime::UNIX_EPOCH, database, event.into())
    }

    fn failed(login: &str, agent: &str) -> Told {
        let client = Client {
            address: "203.0.113.7".parse().ok(),
            agent: Agent::from_header(agent.as_bytes()),
            time_zone: None,
        };
        let failure = LogInFailure::Denied(Denial {
            module: "limits",
            code: "too_many",
            message: "You are logged in often enough.".to_owned(),
        });
        told(LogInFailed::new(login, failure, client))
    }

    #[test]
    fn a_failed_log_in_is_a_warning_with_everything_known() {
        let line = logged(LogFormat::Json, || write(&failed("ada", "Firefox")));
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        for (field, value) in [
            ("level", "WARN"),
            ("target", AUDIT),
            ("event", "log_in_failed"),
            ("database", "acme"),
            ("login", "ada"),
            ("failure", "denied"),
            ("module", "limits"),
            ("code", "too_many"),
            ("address", "203.0.113.7"),
            ("agent", "Firefox"),
        ] {
            assert_eq!(line[field], value, "{field}");
        }
    }

    #[test]
    fn a_module_that_could_not_decide_is_named() {
        let failure = LogInFailure::ModuleFailed { module: "limits" };
        let event = told(LogInFailed::new("ada", failure, Client::default()));
        let line = logged(LogFormat::Json, || write(&event));
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        for (field, value) in [
            ("failure", "denied"),
            ("module", "limits"),
            ("code", "module_failed"),
        ] {
            assert_eq!(line[field], value, "{field}");
        }
    }

    #[test]
    fn an_ended_session_is_told_with_its_cause() {
        let user = User {
            id: ID.parse().unwrap(),
            login: "ada".to_owned(),
            name: "Ada".to_owned(),
        };
        let cause = EndCause::UserDisabled;
        let event = told(SessionEnded::new(&user, ID.parse().unwrap(), cause));
        let line = logged(LogFormat::Text, || write(&event));
        for part in [
            " INFO latchkey::audit: ",
            "event=\"session_ended\"",
            ID,
            "cause=\"user_disabled\"",
        ] {
            assert!(line.contains(part), "{part} is not in {line}");
        }
    }

    #[test]
    fn nothing_that_was_typed_breaks_out_of_its_line_or_field() {
        let event = failed(
            "a\" event=\"log_in_succeeded\r\n\u{1b}[31m\u{202e}\u{85}\u{2028}",
            "x\u{202e}\" user=\"1",
        );
        for format in [LogFormat::Text, LogFormat::Json] {
            let text = logged(format, || write(&event));
            assert_eq!(text.lines().count(), 1, "{text}");
            assert!(
                !text
                    .trim_end()
                    .contains(|c: char| c.is_control() || "\u{202e}\u{2028}".contains(c)),
                "{text}"
            );
            assert!(
                !text.contains("\" event=\"log_in_succeeded")
                    && !text.contains("x\\u{202e}\" user="),
                "{text}"
            );
        }
    }
}
