//! The rules of the counters, as JSON for PostgreSQL.

use serde_json::json;
use sqlx::types::JsonValue;

use crate::{
    StoreError,
    attempt::{
        LogInSettings, Schedule,
        guess::account,
        throttle::{BLOCK, SITE},
    },
    database::SystemTx,
    user::User,
};

/// The schedules by kind of counter, in the form that `throttle_delay` in the migrations takes.
pub(super) fn rules(settings: &LogInSettings) -> JsonValue {
    let LogInSettings {
        account,
        address,
        spray,
    } = settings;
    let own = rule(account);
    json!({
        "account": own,
        "device": own,
        "known_network": own,
        "code": own,
        "confirmation": own,
        "address": rule(address),
        "address_56": rule(&address.looser(SITE)),
        "address_48": rule(&address.looser(BLOCK)),
        "spray": rule(spray),
        "code_guess": rule(address),
    })
}

fn rule(schedule: &Schedule) -> JsonValue {
    json!({
        "free": schedule.free.max(1),
        "every": schedule.forgets_one_in().as_secs_f64(),
        "delays": schedule.seconds(),
    })
}

/// Forgets the failures on an account whose password was replaced, because old guesses say nothing about the new
/// password.
pub(crate) async fn forgive_account(tx: &mut SystemTx, user: &User) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from throttles where kind = 'account' and subject = $1",
        account(&user.login),
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
