//! Looks up the user, the signs and the delay of an attempt, in one statement.

use time::{Duration, OffsetDateTime};

use crate::{
    StoreError,
    attempt::{Recognized, guess::Tried},
    database::Database,
    device::{DeviceTokenHash, KnownDevice},
    user::{PasswordHash, User, UserId, store::FoundUser},
};

/// The time for which a device's previous token is good. A log-in that runs in parallel with the log-in that replaced
/// the token still sends the previous one.
const PREVIOUS_TOKEN_IS_GOOD: Duration = Duration::minutes(1);

/// The time for which a network stays known without a log-in from this network.
pub(crate) const NETWORKS_KNOWN_FOR: Duration = Duration::days(90);

/// The result of [`look_up`].
pub(crate) struct LookedUp {
    /// The user with this login, if there is one.
    pub user: Option<FoundUser>,
    /// The known device, if this user has logged in with it before.
    pub device: Option<KnownDevice>,
    /// The first sign whose counter is not blocked.
    pub recognized: Option<Recognized>,
    /// The moment until which attempts like this one are refused.
    pub blocked_until: Option<OffsetDateTime>,
    /// The widest blocked network of the attempt.
    pub blocked_network: Option<String>,
}

/// Looks up the user, the sign and the delay. A login that no user has gets the same statement.
pub(crate) async fn look_up(
    database: &Database,
    tried: &Tried,
    tokens: &[DeviceTokenHash],
    now: OffsetDateTime,
) -> Result<LookedUp, StoreError> {
    let tokens: Vec<&[u8]> = tokens.iter().map(DeviceTokenHash::as_bytes).collect();
    let (kinds, subjects) = tried.counters();
    let row = sqlx::query!(
        r#"
        with tried as (
            select u.id, u.login, u.name, p.hash, p.is_one_time, u.disabled_at,
                d.id as device, d.presented, n.id as network, c.id as code
            from (values (1)) once
            left join users u on u.login_key in ($1, $11)
            left join passwords p on p.user_id = u.id
            left join lateral (
                select k.id, t.hash as presented
                from known_devices k
                join unnest($3::bytea[]) as t (hash) on k.token_hash = t.hash
                    or (k.previous_token_hash = t.hash and k.token_renewed_at > $7)
                where k.user_id = u.id
                order by k.last_log_in_at desc limit 1
            ) d on true
            left join known_networks n
                on n.user_id = u.id and n.network = $2 and n.last_log_in_at > $8
            left join lateral (
                select id from log_in_codes
                where user_id = u.id and code_hash = $9 and expires_at > $4 and not exists (
                    select from throttles
                    where kind = 'code_guess' and subject = $10 and blocked_until > $4
                )
                limit 1
            ) c on true
            order by u.login_key = $11 desc limit 1
        )
        select
            tried.id as "id?", login as "login?", name as "name?", hash as "hash?",
            is_one_time as "is_one_time?", disabled_at is not null as "is_disabled!",
            device as "device?", presented as "presented?",
            recognized.kind as "recognized_kind?", recognized.id as "recognized_id?",
            blocked.until as "blocked_until?", blocked.network as "blocked_network?"
        from tried
        left join lateral (
            select kind, sign.id
            from (values (1, 'code', code), (2, 'device', device), (3, 'known_network', network))
                as sign (rank, kind, id)
            where sign.id is not null and not exists (
                select from throttles t
                where t.kind = sign.kind and t.subject = sign.id::text and t.blocked_until > $4
            )
            order by rank limit 1
        ) recognized on true
        left join lateral (
            select max(t.blocked_until) as until,
                (array_agg(t.subject order by position desc) filter (where t.kind <> 'account'))[1]
                    as network
            from unnest($5::text[], $6::text[]) with ordinality as wanted (kind, subject, position)
            join throttles t on t.kind = wanted.kind and t.subject = wanted.subject
            where t.blocked_until > $4
        ) blocked on recognized.id is null
        "#,
        tried.key.as_str(),
        tried.network(),
        &tokens as &[&[u8]],
        now,
        &kinds,
        &subjects,
        now - PREVIOUS_TOKEN_IS_GOOD,
        now - NETWORKS_KNOWN_FOR,
        tried.code.hash(),
        tried.code_network(),
        tried.former_key.as_str(),
    )
    .fetch_one(database.system_pool())
    .await?;
    let user = match (row.id, row.login, row.name, row.hash) {
        (Some(id), Some(login), Some(name), Some(hash)) => Some(FoundUser {
            user: User {
                id: UserId::new(id),
                login,
                name,
            },
            password_hash: PasswordHash::from_stored(hash),
            password_is_one_time: row.is_one_time.unwrap_or(false),
            is_disabled: row.is_disabled,
        }),
        _ => None,
    };
    let presented = row.presented.and_then(DeviceTokenHash::from_stored);
    let recognized = row.recognized_kind.zip(row.recognized_id);
    Ok(LookedUp {
        user,
        device: row
            .device
            .zip(presented)
            .map(|(id, presented)| KnownDevice { id, presented }),
        recognized: recognized.and_then(|(kind, id)| Recognized::of(&kind, id)),
        blocked_until: row.blocked_until,
        blocked_network: row.blocked_network,
    })
}
