//! Who is trying, and what holds them back: one statement at the door.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    StoreError,
    attempt::{DeviceTokenHash, Network, guess::Tried},
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

impl Tried {
    pub(super) fn network(&self) -> Option<&str> {
        self.network.as_ref().map(Network::as_str)
    }

    /// What a failure counts against: the known device alone, or else account and address.
    pub(super) fn subjects(&self, device: Option<Uuid>) -> (Vec<String>, Vec<String>) {
        if let Some(device) = device {
            return (vec!["device".to_owned()], vec![device.to_string()]);
        }
        let of_network = |kind| self.network().map(|network| (kind, network));
        let account = ("account", self.account.as_str());
        [Some(account), of_network("address"), of_network("spray")]
            .into_iter()
            .flatten()
            .map(|(kind, subject)| (kind.to_owned(), subject.to_owned()))
            .unzip()
    }
}

/// The user, whether the device is known, and whether attempts are blocked: one statement, the same
/// for a login that nobody has.
pub(in crate::attempt) async fn look_up(
    database: &Database,
    tried: &Tried,
    token: Option<DeviceTokenHash>,
    now: OffsetDateTime,
) -> Result<Standing, StoreError> {
    let row = sqlx::query!(
        r#"
        with tried as (
            select u.id, u.login, u.name, u.password_hash, u.password_is_one_time, u.disabled_at,
                d.id as device
            from (values (1)) once
            left join users u on u.login_key = $1
            left join known_devices d on d.user_id = u.id and d.token_hash = $3
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
        token.as_ref().map(DeviceTokenHash::as_bytes),
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
