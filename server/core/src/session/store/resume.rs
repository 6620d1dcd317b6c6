//! Looks up a session by its token. Every request begins with this look-up.

use std::net::IpAddr;

use time::OffsetDateTime;

use super::{
    found::{Found, found, next_step},
    session,
};
use crate::{
    StoreError,
    access::GroupId,
    client::{Agent, Client, TimeZoneName},
    company::{ActiveCompanies, CompanyId},
    database::{Database, Stored},
    session::{
        AuthenticatedBy, Context, EndCause, Expiry, Session, SessionId, Step, TokenHash,
        rotation::{MOST_UNUSED, Replacement},
        token::PresentedToken,
    },
    user::{DateFormat, StoredPreferences, Theme, TimeFormat, User, UserId},
};

/// The moments that a look-up needs.
pub(crate) struct Touch {
    pub now: OffsetDateTime,
    /// Whether the request is a person's action, and not one of an open page.
    pub is_activity: bool,
    pub personal: TouchOf,
    pub shared: TouchOf,
    /// The moment since which a replaced token is still good.
    pub grace_since: OffsetDateTime,
}

/// The moments that differ between personal and shared computers.
pub(crate) struct TouchOf {
    /// The moment before which a last activity is old enough to be written again.
    pub due_before: OffsetDateTime,
    pub idle_expires_at: OffsetDateTime,
}

/// Looks up the session and the user of a token, and writes the last activity if that is due. This is one statement, so
/// that a session that has ended meanwhile is not touched. Two look-ups share the statement. They differ in how the
/// token leads to the session, and in the moment at which the token was replaced.
///
/// The `update` of the session holds all conditions on the session, so that PostgreSQL checks them again if it had to
/// wait for the row: another request may have ended the session meanwhile. The `update` of the token waits behind the one
/// of the session, in the order in which [`super::rotate`] takes both locks. A token that was replaced meanwhile is not
/// marked as used.
macro_rules! look_up {
    ($which:literal, $superseded_at:literal, $database:ident, $token:ident, $client:ident, $touch:ident) => {
        sqlx::query!(
            r#"
            with touched as (
                update sessions s
                -- Never back: the clock may have been set back since, or be behind another node's.
                set last_active_at = case
                        when $9 then greatest(s.last_active_at, $2) else s.last_active_at
                    end,
                    idle_expires_at = case
                        when not $9 or s.last_active_at > $2 then s.idle_expires_at
                        when s.is_on_shared_computer then $7::timestamptz
                        else $4::timestamptz
                    end,
                    last_address = coalesce($5, s.last_address),
                    last_address_at = case when $5 is null then s.last_address_at else $2 end,
                    time_zone = coalesce($11, s.time_zone)
                from session_tokens t,
                    (values (true, $6::timestamptz), (false, $3::timestamptz)) due (is_shared, before)
                where "# + $which + r#" and t.session_id = s.id and s.ended_at is null
                    and due.is_shared = s.is_on_shared_computer
                    and (
                        $9 and s.last_active_at < due.before
                        or (t.token_hash = $1 and t.used_at is null)
                        -- At once, also where a page asks by itself: a stranger may be there. Of
                        -- addresses that take turns, each is written once in the interval.
                        or ($5::inet is distinct from s.last_address and $5 is not null and not exists (
                            select from session_addresses a
                            where a.session_id = s.id and a.address = $5 and a.last_seen_at >= due.before
                        ))
                        -- A computer that travels tells another zone, and seldom.
                        or $11 <> coalesce(s.time_zone, '')
                    )
                    and s.idle_expires_at > $2
                    and (s.absolute_expires_at is null or s.absolute_expires_at > $2)
                    -- See `Replacement::standing`: no token that is stale. Null if it is current.
                    and coalesce(
                        "# + $superseded_at + r#" > $8::timestamptz
                            or (t.used_at is null and t.unused < $10
                                and "# + $superseded_at + r#" = t.issued_at),
                        true
                    )
                    and (
                        select u.disabled_at from (values (s.user_id)) owner (id)
                        join users u on u.id = owner.id
                    ) is null
                returning s.id, s.last_active_at, s.idle_expires_at, s.last_address, s.time_zone
            ), used as (
                update session_tokens t set used_at = $2
                from touched
                where t.session_id = touched.id and t.token_hash = $1 and t.used_at is null
                returning t.used_at
            )
            select s.id, s.user_id,
                s.authenticated_by as "authenticated_by: Stored<AuthenticatedBy>", s.created_at,
                coalesce(touched.last_active_at, s.last_active_at) as "last_active_at!",
                coalesce(touched.idle_expires_at, s.idle_expires_at) as "idle_expires_at!",
                s.absolute_expires_at,
                coalesce(touched.last_address, s.last_address) as "last_address: IpAddr",
                s.user_agent, coalesce(touched.time_zone, s.time_zone) as time_zone,
                s.is_on_shared_computer, s.confirmed_at, s.context,
                s.pending as "pending: Vec<Stored<Step>>",
                t.issued_at, t.issued_to, coalesce(used.used_at, t.used_at) as used_at, t.unused,
                "# + $superseded_at + r#" as superseded_at,
                s.ended_at, s.end_cause as "end_cause: Stored<EndCause>",
                (select by.user_agent from sessions by where by.id = s.ended_by_session) as ended_by_agent,
                u.login, u.name, u.disabled_at, u.language, u.theme as "theme: Stored<Theme>",
                u.time_zone as preferred_time_zone, u.date_format as "date_format: Stored<DateFormat>",
                u.time_format as "time_format: Stored<TimeFormat>", u.company_ids, u.group_ids,
                (select version from access_version) as "access_version!"
            from sessions s
            join session_tokens t on t.session_id = s.id
            join users u on u.id = s.user_id
            left join touched on true
            left join used on true
            where "# + $which,
            $token.as_bytes(),
            $touch.now,
            $touch.personal.due_before,
            $touch.personal.idle_expires_at,
            $client.address as Option<IpAddr>,
            $touch.shared.due_before,
            $touch.shared.idle_expires_at,
            $touch.grace_since,
            $touch.is_activity,
            MOST_UNUSED,
            $client.time_zone.as_ref().map(TimeZoneName::as_str),
        )
        .fetch_optional($database.system_pool())
        .await?
        .map(|row| {
            let replacement = Replacement {
                superseded_at: row.superseded_at,
                issued_at: row.issued_at,
                used_at: row.used_at,
                unused: row.unused,
            };
            let standing = replacement.standing($touch.grace_since);
            Ok::<_, StoreError>(found!(row, standing))
        })
        .transpose()?
    };
}

impl Touch {
    /// Whether [`look_up`] may have something to write about the session. The conditions in SQL are more exact and decide.
    pub(crate) fn is_due(&self, found: &Found, client: &Client) -> bool {
        let session = &found.session;
        let touch = if session.computer.is_shared() {
            &self.shared
        } else {
            &self.personal
        };
        let is_elsewhere = client.address.is_some() && client.address != session.address;
        let zone = client.time_zone.as_ref().map(TimeZoneName::as_str);
        let has_moved = zone.is_some() && zone != session.time_zone.as_deref();
        let is_over = session.expiry.has_come(self.now);
        !is_over
            && (self.is_activity && session.last_active_at < touch.due_before
                || is_elsewhere
                || has_moved)
    }
}

/// Looks up a session by its own token.
pub(crate) async fn find_by_own(
    database: &Database,
    token: TokenHash,
    client: &Client,
    touch: &Touch,
) -> Result<Option<Found>, StoreError> {
    Ok(look_up!(
        "t.token_hash = $1",
        "null::timestamptz",
        database,
        token,
        client,
        touch
    ))
}

/// Looks up a session by a replaced token.
pub(crate) async fn find_by_superseded(
    database: &Database,
    token: TokenHash,
    client: &Client,
    touch: &Touch,
) -> Result<Option<Found>, StoreError> {
    Ok(look_up!(
        "s.id = (select session_id from superseded_tokens where token_hash = $1)",
        "(select superseded_at from superseded_tokens where token_hash = $1)",
        database,
        token,
        client,
        touch
    ))
}
