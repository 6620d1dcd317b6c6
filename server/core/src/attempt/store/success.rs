//! Records attempts that open a session, and forgets the failures before them.

use std::net::IpAddr;

use time::OffsetDateTime;
use uuid::Uuid;

use latchkey_words::SessionId;

use crate::{
    StoreError,
    attempt::{Recognized, guess::Guess},
    database::SystemTx,
    device::{DeviceName, DeviceTokenHash, KnownDevice},
    user::UserId,
};

/// The largest number of known devices, and of known networks, of a user. A further device replaces the device that was
/// unused for longest, and so does a network.
const MOST_KNOWN: i64 = 10;

/// The facts to record about an attempt that succeeded.
pub(crate) struct Succeeded {
    pub id: Uuid,
    pub at: OffsetDateTime,
    pub session: SessionId,
    /// The known device of the attempt, if it is the person's own.
    pub device: Option<KnownDevice>,
    /// The id for a device that becomes known.
    pub new_device: Option<Uuid>,
    /// The hash of the device's new token.
    pub token: Option<DeviceTokenHash>,
    /// The id for the network, if the network is to be known and is not known yet.
    pub network: Option<Uuid>,
}

/// The facts about the device of an attempt that succeeded.
pub(crate) struct Seen {
    /// The id of the known device; `None` if the device was not known, or was forgotten since the look-up.
    pub id: Option<Uuid>,
    /// Whether this log-in replaced the device's token. `false` if a parallel log-in has replaced it.
    pub is_renewed: bool,
    pub name: Option<DeviceName>,
    /// The moment since which the account knows the device; `None` if the account had no log-in before.
    pub new_since: Option<OffsetDateTime>,
}

/// Records the attempt, forgets the failures before it, and makes device and network known, in one statement of the
/// log-in's transaction.
///
/// Returns `None` if other failures have caused a delay meanwhile, or if another log-in has used the code. The caller
/// must not commit the log-in then. Otherwise a hundred parallel guesses would all be checked.
///
/// Failures on the account are forgotten only if all of them came from the network of this log-in (NIST SP 800-63B-4,
/// 3.2.2), because the owner's success says nothing about a stranger's next guess. Failures on the device's counter are
/// forgotten, because the device gets a new token.
pub(crate) async fn count_success(
    tx: &mut SystemTx,
    guess: &Guess,
    succeeded: &Succeeded,
) -> Result<Option<Seen>, StoreError> {
    let (kinds, subjects) = guess.counters();
    let device = succeeded.device.map(|device| device.id);
    let presented = succeeded.device.map(|device| device.presented);
    let row = sqlx::query!(
        r#"
        with own as (
            -- The account, or the sign that the owner was recognized by: the first of them.
            select t.blocked_until from throttles t
            where t.kind = ($1::text[])[1] and t.subject = ($2::text[])[1] for update
        ), blocked as (
            select from (
                select blocked_until from own
                union all
                select t.blocked_until from throttles t
                join unnest($1::text[], $2::text[]) as wanted (kind, subject)
                    on t.kind = wanted.kind and t.subject = wanted.subject
            ) each where blocked_until > $4
        ), forgotten as (
            delete from throttles t
            where (
                t.kind = ($1::text[])[1] and t.subject = ($2::text[])[1] and t.blocked_until <= $4
                and (t.kind <> 'account' or t.network is not distinct from $3)
            ) or (t.kind = 'device' and t.subject = $5::uuid::text)
        ), used as (
            delete from log_in_codes where id = $18 returning id
        ), earlier as (
            select exists (select from known_devices where user_id = $8) or exists (
                select from log_in_attempts where user_id = $8 and outcome = 'succeeded'
            ) as log_in
        ), seen as (
            update known_devices set
                last_log_in_at = $4,
                previous_token_hash =
                    case when token_hash = $17 then token_hash else previous_token_hash end,
                token_renewed_at = case when token_hash = $17 then $4 else token_renewed_at end,
                token_hash = case when token_hash = $17 then $7 else token_hash end
            where id = $5
            returning id, name, new_since, token_hash = $7 as is_renewed
        ), crowded as (
            delete from known_devices where $6::uuid is not null and id in (
                select id from known_devices where user_id = $8
                order by last_log_in_at desc, id desc offset $16::bigint - 1
            )
        ), remembered as (
            insert into known_devices (id, user_id, token_hash, created_at, last_log_in_at, new_since)
            select $6, $8, $7, $4, $4, case when log_in then $4 end
            from earlier where $6::uuid is not null
        ), crowded_networks as (
            delete from known_networks where $19::uuid is not null and id in (
                select id from known_networks where user_id = $8 and network <> $3
                order by last_log_in_at desc, id desc offset $16::bigint - 1
            )
        ), remembered_network as (
            insert into known_networks (id, user_id, network, last_log_in_at)
            select $19, $8, $3, $4 where $19::uuid is not null and $3 is not null
            on conflict (user_id, network) do update set last_log_in_at = excluded.last_log_in_at
        ), recorded as (
            insert into log_in_attempts (
                id, at, login, login_key, user_id, outcome, factor, address, network, user_agent,
                session_id
            ) values ($9, $4, $10, $11, $8, 'succeeded', $12, $13, $3, $14, $15)
        )
        select
            not exists (select from blocked) and ($18::uuid is null or exists (select from used))
                as "is_counted!",
            seen.id as "id?", seen.name, coalesce(seen.is_renewed, false) as "is_renewed!",
            case when seen.id is not null then seen.new_since when log_in then $4 end as new_since
        from earlier left join seen on true
        "#,
        &kinds,
        &subjects,
        guess.tried.network(),
        succeeded.at,
        device,
        succeeded.new_device,
        succeeded.token.as_ref().map(DeviceTokenHash::as_bytes),
        guess.user.map(UserId::as_uuid),
        succeeded.id,
        guess.tried.login.as_str(),
        guess.tried.account.as_str(),
        guess.factor.as_str(),
        guess.tried.client.address as Option<IpAddr>,
        guess.tried.client.agent.as_str(),
        succeeded.session.as_uuid(),
        MOST_KNOWN,
        presented.as_ref().map(DeviceTokenHash::as_bytes),
        guess.recognized.and_then(Recognized::code),
        succeeded.network,
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(row.is_counted.then(|| Seen {
        id: row.id,
        is_renewed: row.is_renewed,
        name: row.name.map(DeviceName::from_stored),
        new_since: row.new_since,
    }))
}
