//! Who is trying, and what holds them back: one statement at the door.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    StoreError,
    attempt::{DeviceTokenHash, guess::Tried},
    database::Database,
    user::{PasswordHash, User, UserId, store::FoundUser},
};

/// What an attempt is up against.
pub(in crate::attempt) struct Standing {
    /// Whose login it is.
    pub user: Option<FoundUser>,
    /// The known device, if this user has logged in with it before.
    pub device: Option<Uuid>,
    /// Until when attempts like this are refused.
    pub blocked_until: Option<OffsetDateTime>,
}

/// The user, whether the device is known, and whether attempts are blocked: one statement, the same
/// for a login that nobody has.
pub(in crate::attempt) async fn look_up(
    database: &Database,
    tried: &Tried,
    tokens: &[DeviceTokenHash],
    now: OffsetDateTime,
) -> Result<Standing, StoreError> {
    let tokens: Vec<&[u8]> = tokens.iter().map(DeviceTokenHash::as_bytes).collect();
    let row = sqlx::query!(
        r#"
        with tried as (
            select u.id, u.login, u.name, u.password_hash, u.password_is_one_time, u.disabled_at,
                d.id as device
            from (values (1)) once
            left join users u on u.login_key = $1
            left join lateral (
                select id from known_devices where user_id = u.id and token_hash = any($3)
                order by last_log_in_at desc limit 1
            ) d on true
        )
        select
            id as "id?", login as "login?", name as "name?", password_hash as "password_hash?",
            password_is_one_time as "password_is_one_time?", disabled_at is not null as "is_disabled!",
            device as "device?",
            (
                select max(t.blocked_until) from throttles t
                where t.blocked_until > $4 and (
                    (device is null and t.kind = 'account' and t.subject = $5)
                    or (device is null and t.kind in ('address', 'spray') and t.subject = $2)
                    or (t.kind = 'device' and t.subject = device::text)
                )
            ) as blocked_until
        from tried
        "#,
        tried.key.as_str(),
        tried.network(),
        &tokens as &[&[u8]],
        now,
        tried.account,
    )
    .fetch_one(database.system_pool())
    .await?;
    let user = match (row.id, row.login, row.name, row.password_hash) {
        (Some(id), Some(login), Some(name), Some(hash)) => Some(FoundUser {
            user: User {
                id: UserId::new(id),
                login,
                name,
            },
            password_hash: PasswordHash::from_stored(hash),
            password_is_one_time: row.password_is_one_time.unwrap_or(false),
            is_disabled: row.is_disabled,
        }),
        _ => None,
    };
    Ok(Standing {
        user,
        device: row.device,
        blocked_until: row.blocked_until,
    })
}
