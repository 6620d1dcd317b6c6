//! The row of a user in `latchkey user list`.

use latchkey_core::user::UserRecord;
use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    output::{Row, moment},
    text::text,
};

/// Scripts rely on these keys: add to them, never rename.
#[derive(Serialize)]
pub(super) struct UserRow {
    id: String,
    login: String,
    name: String,
    administrator: bool,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    disabled_at: Option<OffsetDateTime>,
    one_time_password: bool,
    live_sessions: u32,
}

impl From<UserRecord> for UserRow {
    fn from(record: UserRecord) -> Self {
        Self {
            id: record.user.id.to_string(),
            login: record.user.login,
            name: record.user.name,
            administrator: record.is_administrator,
            created_at: record.created_at,
            disabled_at: record.disabled_at,
            one_time_password: record.password_is_one_time,
            live_sessions: record.live_sessions,
        }
    }
}

impl Row for UserRow {
    fn heads() -> Vec<&'static str> {
        let text = text();
        vec![
            text.head_login(),
            text.head_name(),
            text.head_role(),
            text.head_state(),
            text.head_sessions(),
            text.head_created(),
        ]
    }

    fn none() -> &'static str {
        text().user_none()
    }

    fn cells(&self) -> Vec<String> {
        let role = if self.administrator {
            "administrator"
        } else {
            "user"
        };
        let state = match (self.disabled_at, self.one_time_password) {
            (Some(_), _) => "disabled",
            (None, true) => "one-time password",
            (None, false) => "enabled",
        };
        vec![
            self.login.clone(),
            self.name.clone(),
            role.to_owned(),
            state.to_owned(),
            self.live_sessions.to_string(),
            moment(self.created_at),
        ]
    }
}
