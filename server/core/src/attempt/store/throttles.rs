//! What the counters go by, and where they are emptied.

use serde_json::json;
use sqlx::types::JsonValue;

use crate::{
    StoreError,
    attempt::{Schedule, guess::account},
    database::SystemTx,
    settings::LogInSettings,
    user::User,
};

/// How many times more failures of a /56 and of a /48 are free than of a /64. A /56 is one customer or
/// 256 of them, and a /48 one customer or a part of a provider (RIPE-690, 4.2): by these numbers a
/// customer of a whole /48 gains 16 times what one address has, and not 65,536 times.
pub(in crate::attempt) const SITE: u32 = 4;
pub(in crate::attempt) const BLOCK: u32 = 16;

/// The schedules by the kind of the counter, as `throttle_delay` in the migrations takes them.
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

/// Forgets the failures on an account: with another password, old guesses tell nothing.
pub(crate) async fn forgive_account(tx: &mut SystemTx, user: &User) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from throttles where kind = 'account' and subject = $1",
        account(&user.login),
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
