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

/// The schedules as the statement looks them up.
pub(super) fn rules(settings: &LogInSettings) -> JsonValue {
    let rule = |schedule: &Schedule| json!({ "every": schedule.forgets_one_in(), "delays": schedule.seconds() });
    json!({
        "account": rule(&settings.account),
        "address": rule(&settings.address),
        "device": rule(&settings.account),
        "spray": rule(&settings.spray),
        "confirmation": rule(&settings.account),
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
