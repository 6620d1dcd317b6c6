//! Deletes outdated rows.

use time::{Duration, OffsetDateTime};

use crate::{StoreError, database::Database};

/// The time for which a device stays known without a log-in. Browsers keep its cookie as long.
pub(in crate::attempt) const DEVICES_KNOWN_FOR: Duration = Duration::days(400);

/// The moments before which rows are no longer needed.
#[derive(Clone, Copy)]
pub(in crate::attempt) struct Outdated {
    pub attempts_before: OffsetDateTime,
    pub devices_before: OffsetDateTime,
    pub networks_before: OffsetDateTime,
    pub now: OffsetDateTime,
}

/// Deletes a batch of at most `limit` rows from each table. Rows that another node is deleting are skipped.
pub(in crate::attempt) async fn sweep(
    database: &Database,
    outdated: Outdated,
    limit: i64,
) -> Result<[u64; 5], StoreError> {
    let attempts = sqlx::query!(
        "delete from log_in_attempts where id = any(array(
            select id from log_in_attempts where at < $1 order by at limit $2 for update skip locked
        ))",
        outdated.attempts_before,
        limit,
    )
    .execute(database.system_pool())
    .await?;
    let throttles = sqlx::query!(
        "delete from throttles where (kind, subject) in (
            select kind, subject from throttles
            where forgotten_at < $1 and blocked_until < $1
            order by forgotten_at limit $2 for update skip locked
        )",
        outdated.now,
        limit,
    )
    .execute(database.system_pool())
    .await?;
    let devices = sqlx::query!(
        "delete from known_devices where id = any(array(
            select id from known_devices where last_log_in_at < $1
            order by last_log_in_at limit $2 for update skip locked
        ))",
        outdated.devices_before,
        limit,
    )
    .execute(database.system_pool())
    .await?;
    let networks = sqlx::query!(
        "delete from known_networks where id = any(array(
            select id from known_networks where last_log_in_at < $1
            order by last_log_in_at limit $2 for update skip locked
        ))",
        outdated.networks_before,
        limit,
    )
    .execute(database.system_pool())
    .await?;
    let codes = sqlx::query!(
        "delete from log_in_codes where id = any(array(
            select id from log_in_codes where expires_at < $1
            order by expires_at limit $2 for update skip locked
        ))",
        outdated.now,
        limit,
    )
    .execute(database.system_pool())
    .await?;
    Ok([attempts, throttles, devices, networks, codes].map(|done| done.rows_affected()))
}
