//! SQL that gives live sessions back the time that a policy has taken.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    StoreError,
    access::GroupId,
    company::CompanyId,
    database::SystemTx,
    session::{Computer, SessionId},
};

/// What a policy has written into rows, in seconds. A row that has another time follows another rule.
#[derive(Clone, Copy, Debug)]
pub(crate) enum BoundBy {
    /// The time from the last activity to the end.
    Idle(f64),
    /// The time from the log-in to the end.
    Absolute(f64),
}

impl BoundBy {
    /// The idle and the absolute timeout.
    fn columns(self) -> (Option<f64>, Option<f64>) {
        match self {
            Self::Idle(seconds) => (Some(seconds), None),
            Self::Absolute(seconds) => (None, Some(seconds)),
        }
    }
}

/// A live session whose end a policy has set, and what its settings depend on.
pub(crate) struct Bound {
    pub id: SessionId,
    pub computer: Computer,
    pub created_at: OffsetDateTime,
    pub last_active_at: OffsetDateTime,
    pub groups: Vec<GroupId>,
    pub companies: Vec<CompanyId>,
}

/// Locks the version of groups and policies, and at most `most` such sessions with ids above `after`, in order of id. Returns the
/// version, too.
pub(crate) async fn bound_next(
    tx: &mut SystemTx,
    by: BoundBy,
    now: OffsetDateTime,
    after: Option<SessionId>,
    most: i64,
) -> Result<(Vec<Bound>, Uuid), StoreError> {
    let (idle, absolute) = by.columns();
    let version = sqlx::query_scalar!("select version from access_version for share")
        .fetch_one(tx.connection())
        .await?;
    let rows = sqlx::query!(
        "select s.id, s.is_on_shared_computer, s.created_at, s.last_active_at, u.group_ids, u.company_ids
        from sessions s
        join users u on u.id = s.user_id
        where s.ended_at is null and s.id > $4
            and least(s.idle_expires_at, s.absolute_expires_at) > $3
            and (
                s.idle_expires_at = s.last_active_at + make_interval(secs => $1::float8)
                or s.absolute_expires_at = s.created_at + make_interval(secs => $2::float8)
            )
        order by s.id limit $5 for no key update of s",
        idle,
        absolute,
        now,
        after.map_or(Uuid::nil(), SessionId::as_uuid),
        most,
    )
    .fetch_all(tx.connection())
    .await?;
    let bound = rows.into_iter().map(|row| Bound {
        id: SessionId::new(row.id),
        computer: Computer::from(row.is_on_shared_computer),
        created_at: row.created_at,
        last_active_at: row.last_active_at,
        groups: row.group_ids.into_iter().map(GroupId::new).collect(),
        companies: row.company_ids.into_iter().map(CompanyId::new).collect(),
    });
    Ok((bound.collect(), version))
}

/// A session with the ends that its settings permit.
pub(crate) struct Longer {
    pub id: SessionId,
    pub idle_expires_at: OffsetDateTime,
    pub absolute_expires_at: Option<OffsetDateTime>,
}

/// Writes later ends. No session becomes shorter.
pub(crate) async fn lengthen(
    tx: &mut SystemTx,
    by: BoundBy,
    longer: &[Longer],
) -> Result<(), StoreError> {
    let ids: Vec<_> = longer.iter().map(|one| one.id.as_uuid()).collect();
    match by {
        BoundBy::Idle(_) => {
            let ends: Vec<_> = longer.iter().map(|one| one.idle_expires_at).collect();
            sqlx::query!(
                "update sessions s set idle_expires_at = longer.at
                from unnest($1::uuid[], $2::timestamptz[]) longer (id, at)
                where s.id = longer.id and s.idle_expires_at < longer.at",
                &ids,
                &ends,
            )
            .execute(tx.connection())
            .await?;
        }
        BoundBy::Absolute(_) => {
            let ends: Vec<_> = longer.iter().map(|one| one.absolute_expires_at).collect();
            sqlx::query!(
                "update sessions s set absolute_expires_at = longer.at
                from unnest($1::uuid[], $2::timestamptz[]) longer (id, at)
                where s.id = longer.id and s.absolute_expires_at < coalesce(longer.at, 'infinity')",
                &ids,
                &ends as &[Option<OffsetDateTime>],
            )
            .execute(tx.connection())
            .await?;
        }
    }
    Ok(())
}
