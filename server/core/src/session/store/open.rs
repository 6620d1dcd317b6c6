//! Writes a new session.

use std::net::IpAddr;

use time::OffsetDateTime;

use crate::{
    StoreError,
    client::{Client, TimeZoneName},
    database::SystemTx,
    device::{DeviceName, LoggedInDevice},
    session::{AuthenticatedBy, Computer, SessionId, Step, TokenHash},
    user::UserId,
};

/// A session to write.
pub(crate) struct NewSession<'a> {
    pub id: SessionId,
    pub token_hash: TokenHash,
    pub user: UserId,
    pub authenticated_by: AuthenticatedBy,
    pub now: OffsetDateTime,
    pub idle_expires_at: OffsetDateTime,
    pub absolute_expires_at: Option<OffsetDateTime>,
    pub client: &'a Client,
    pub device: &'a LoggedInDevice,
    pub computer: Computer,
    /// The steps that the log-in leaves to the person, in order.
    pub pending: &'a [Step],
}

/// Writes a new session.
pub(crate) async fn insert(tx: &mut SystemTx, new: &NewSession<'_>) -> Result<(), StoreError> {
    let pending: Vec<String> = new
        .pending
        .iter()
        .map(|step| step.as_str().to_owned())
        .collect();
    sqlx::query!(
        "with opened as (
            insert into sessions (
                id, user_id, authenticated_by, created_at, last_active_at,
                idle_expires_at, absolute_expires_at, first_address, last_address, user_agent, time_zone,
                is_on_shared_computer, confirmed_at, device_id, device_name, device_new_since, pending,
                context
            )
            select $1, u.id, $4, $5, $5, $6, $7, $8, $8, $9, $10, $11, $5, $12, $13, $14, $15,
                -- The default company.
                jsonb_build_object('companies', u.company_ids[1:1])
            from (values ($3::uuid)) asked (id) join users u on u.id = asked.id
            returning id
        )
        insert into session_tokens (session_id, token_hash, issued_at) select id, $2, $5 from opened",
        new.id.as_uuid(),
        new.token_hash.as_bytes(),
        new.user.as_uuid(),
        new.authenticated_by.as_str(),
        new.now,
        new.idle_expires_at,
        new.absolute_expires_at,
        new.client.address as Option<IpAddr>,
        new.client.agent.as_str(),
        new.client.time_zone.as_ref().map(TimeZoneName::as_str),
        new.computer.is_shared(),
        new.device.id,
        new.device.name.as_ref().map(DeviceName::as_str),
        new.device.new_since,
        &pending,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
