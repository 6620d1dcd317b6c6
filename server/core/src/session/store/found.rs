//! The session that the look-up of a token finds.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    StoreError,
    access::GroupId,
    client::Agent,
    company::ActiveCompanies,
    database::Stored,
    session::{Context, DebugMode, EndCause, Session, Step, token::PresentedToken},
    user::{Preferences, User},
};

/// The session of a token, as read.
pub(crate) struct Found {
    pub session: Session,
    pub user: User,
    pub preferences: Preferences,
    pub context: Context,
    pub companies: ActiveCompanies,
    /// The debug mode of the session, whether or not the user may use it.
    pub debug: DebugMode,
    /// The groups that the user is put into.
    pub groups: Vec<GroupId>,
    /// The version of groups and rights at the time of the look-up.
    pub access_version: Uuid,
    /// The step that the session waits for.
    pub step: Option<Step>,
    pub end: Option<(OffsetDateTime, EndCause)>,
    pub ended_by: Option<Agent>,
    pub token: PresentedToken,
    /// Whether a request has brought the session's own token.
    pub is_token_used: bool,
}

/// A macro, because each `query!` has its own row type with the same fields. The macro leaves the calling function if a
/// stored word is unknown.
macro_rules! found {
    ($row:ident, $standing:expr) => {{
        let stored = Context::from_stored($row.context);
        let allowed = $row.company_ids.into_iter().map(CompanyId::new).collect();
        Found {
            companies: ActiveCompanies::of(allowed, &stored.companies),
            debug: stored.debug,
            groups: $row.group_ids.into_iter().map(GroupId::new).collect(),
            access_version: $row.access_version,
            token: PresentedToken {
                standing: $standing,
                issued_at: $row.issued_at,
                issued_to: $row.issued_to.and_then(|hash| hash.try_into().ok()),
                unused: $row.unused,
            },
            is_token_used: $row.used_at.is_some(),
            session: session!($row),
            user: User {
                id: UserId::new($row.user_id),
                login: $row.login,
                name: $row.name,
            },
            preferences: StoredPreferences {
                language: $row.language,
                theme: $row.theme,
                time_zone: $row.preferred_time_zone,
                date_format: $row.date_format,
                time_format: $row.time_format,
            }
            .known()?,
            context: stored.values,
            step: next_step($row.pending)?,
            end: $row
                .ended_at
                .zip($row.end_cause.map(Stored::known).transpose()?)
                .or($row.disabled_at.map(|at| (at, EndCause::UserDisabled))),
            ended_by: $row.ended_by_agent.map(Agent::from),
        }
    }};
}
pub(super) use found;

/// The first of the steps that a session waits for.
pub(super) fn next_step(pending: Vec<Stored<Step>>) -> Result<Option<Step>, StoreError> {
    let first = pending.into_iter().next();
    first.map(Stored::known).transpose()
}
