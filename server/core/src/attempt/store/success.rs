//! Attempts that open a session: recorded, and the failures before them forgotten.

use std::net::IpAddr;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    StoreError,
    attempt::{DeviceTokenHash, guess::Guess},
    database::SystemTx,
    session::{DeviceName, SessionId},
    user::UserId,
};

/// A user has at most this many known devices; the longest unused is forgotten for one more.
const MOST_DEVICES: i64 = 10;

/// What to write about an attempt that succeeded.
pub(in crate::attempt) struct Succeeded {
    pub id: Uuid,
    pub at: OffsetDateTime,
    pub session: SessionId,
    /// The person's own device that it came from, if it is known.
    pub device: Option<Uuid>,
    /// The id and token hash that the device is to be known by, if it is not known yet.
    pub new_device: Option<(Uuid, DeviceTokenHash)>,
}

/// What is known of the device.
pub(in crate::attempt) struct Seen {
    /// `None` if it was not known, or has been forgotten since it was looked up.
    pub id: Option<Uuid>,
    pub name: Option<DeviceName>,
    /// Since when it is known, if somebody had logged in to the account before.
    pub new_since: Option<OffsetDateTime>,
}

/// Records the attempt, forgets the failures before it, and knows the device from now on: one
/// statement of the log-in's transaction.
///
/// Returns `None` if failures that came in meanwhile have brought a delay: then the log-in must not
/// be committed, or a hundred guesses at once would all be looked at.
///
/// Failures on the account are forgotten only if all of them came from the same network (NIST SP
/// 800-63B-4, 3.2.2): its owner's success says nothing about a stranger's next guess.
pub(in crate::attempt) async fn count_success(
    tx: &mut SystemTx,
    guess: &Guess,
    succeeded: &Succeeded,
) -> Result<Option<Seen>, StoreError> {
    let (kind, subject) = match guess.device {
        Some(device) => ("device", device.to_string()),
        None => ("account", guess.tried.account.clone()),
    };
    let (new_device, token) = succeeded.new_device.unzip();
    let row = sqlx::query!(
        r#"
        with own as (
            select blocked_until from throttles where kind = $1 and subject = $2 for update
        ), blocked as (
            select from (
                select blocked_until from own
                union all
                select blocked_until from throttles
                where $1 = 'account' and kind in ('address', 'spray') and subject = $3
            ) each where blocked_until > $4
        ), forgotten as (
            delete from throttles
            where kind = $1 and subject = $2 and blocked_until <= $4
                and (kind = 'device' or network is not distinct from $3)
        ), earlier as (
            select exists (select from known_devices where user_id = $8) or exists (
                select from log_in_attempts where user_id = $8 and outcome = 'succeeded'
            ) as log_in
        ), seen as (
            update known_devices set last_log_in_at = $4 where id = $5
            returning id, name, new_since
        ), crowded as (
            delete from known_devices where $6::uuid is not null and id in (
                select id from known_devices where user_id = $8
                order by last_log_in_at desc, id desc offset $16::bigint - 1
            )
        ), remembered as (
            insert into known_devices (id, user_id, token_hash, created_at, last_log_in_at, new_since)
            select $6, $8, $7, $4, $4, case when log_in then $4 end
            from earlier where $6::uuid is not null
        ), recorded as (
            insert into log_in_attempts (
                id, at, login, login_key, user_id, outcome, factor, address, network, user_agent,
                session_id
            ) values ($9, $4, $10, $11, $8, 'succeeded', $12, $13, $3, $14, $15)
        )
        select not exists (select from blocked) as "is_counted!", seen.id as "id?", seen.name,
            case when seen.id is not null then seen.new_since when log_in then $4 end as new_since
        from earlier left join seen on true
        "#,
        kind,
        subject,
        guess.tried.network(),
        succeeded.at,
        succeeded.device,
        new_device,
        token.as_ref().map(DeviceTokenHash::as_bytes),
        guess.user.map(UserId::as_uuid),
        succeeded.id,
        guess.tried.login.as_str(),
        guess.tried.account.as_str(),
        guess.factor.as_str(),
        guess.tried.client.address as Option<IpAddr>,
        guess.tried.client.agent.as_str(),
        succeeded.session.as_uuid(),
        MOST_DEVICES,
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(row.is_counted.then(|| Seen {
        id: row.id,
        name: row.name.map(DeviceName::from_stored),
        new_since: row.new_since,
    }))
}
