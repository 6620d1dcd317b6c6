//! The values that a session keeps.

use crate::{
    StoreError,
    company::CompanyId,
    database::ScopedTx,
    session::{
        DebugMode, SessionId,
        context::{COMPANIES, ContextChange, DEBUG},
    },
};

/// Changes some of a session's values. The other values stay, because another request may have changed them.
pub(crate) async fn change_context(
    tx: &mut ScopedTx,
    id: SessionId,
    change: &ContextChange,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update sessions set context = (context - $2::text[]) || $3
        where id = $1 and ended_at is null",
        id.as_uuid(),
        &change.removed,
        change.set,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Sets the companies that a live session works for; `false` if the session has ended.
pub(crate) async fn set_companies(
    tx: &mut ScopedTx,
    id: SessionId,
    companies: &[CompanyId],
) -> Result<bool, StoreError> {
    let ids: Vec<_> = companies.iter().map(|company| company.as_uuid()).collect();
    let done = sqlx::query!(
        "update sessions set context = context || jsonb_build_object($2::text, $3::uuid[])
        where id = $1 and ended_at is null",
        id.as_uuid(),
        COMPANIES,
        &ids,
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Sets the debug mode of a live session; `false` if the session has ended.
pub(crate) async fn set_debug_mode(
    tx: &mut ScopedTx,
    id: SessionId,
    mode: DebugMode,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update sessions set context = case
            when $3::text is null then context - $2::text
            else context || jsonb_build_object($2::text, $3::text)
        end
        where id = $1 and ended_at is null",
        id.as_uuid(),
        DEBUG,
        mode.is_on().then_some(mode.as_str()),
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes companies out of a live session. What the person has chosen meanwhile stays. If no company is left, the session works
/// for `active`.
pub(crate) async fn take_companies(
    tx: &mut ScopedTx,
    id: SessionId,
    lost: &[CompanyId],
    active: &[CompanyId],
) -> Result<(), StoreError> {
    let lost: Vec<_> = lost.iter().map(ToString::to_string).collect();
    let active: Vec<_> = active.iter().map(|company| company.as_uuid()).collect();
    sqlx::query!(
        "update sessions set context = context || jsonb_build_object(
            $2::text, coalesce(nullif((context -> $2::text) - $3::text[], '[]'), to_jsonb($4::uuid[]))
        )
        where id = $1 and ended_at is null",
        id.as_uuid(),
        COMPANIES,
        &lost,
        &active,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
