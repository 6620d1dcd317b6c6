//! The rows of sessions become shorter where they exceed a policy. Requests follow the policies without the rows; lists and the sweep read
//! the rows.

use std::{collections::HashSet, sync::Arc, time::Duration};

use time::OffsetDateTime;
use tokio::time::timeout;
use tracing::Instrument as _;

use crate::{
    StoreError,
    access::{self, Group, Policy, PolicyLevel, PolicySetting},
    clock::Clock,
    database::Database,
    session::store::{Shorter, Whom, shorten_next, shorten_next_of_user},
    user::UserId,
};

/// The largest number of sessions that one statement changes.
pub(super) const BATCH: i64 = 1_000;

/// The time for which a person waits for the sessions that become shorter or longer. The work goes on afterwards.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Makes the rows shorter that exceed the policies of their users, after users have come into other groups or companies: `user`, or with
/// `None` perhaps any user. The returned future is ready when the rows follow, or after `patience`. The work goes on without the future,
/// because no later request could do it; it ends with the process.
pub(super) async fn follow(
    database: &Database,
    clock: &Arc<dyn Clock>,
    user: Option<UserId>,
    patience: Duration,
) {
    let (database, clock) = (database.clone(), Arc::clone(clock));
    let work = async move {
        let read = match access::store::read(&database).await {
            Ok(read) => read,
            Err(error) => return log_late(&database, &error),
        };
        // Each user had the policies of the database before.
        let policies = read.policies.into_iter();
        let policies = policies.filter(|policy| policy.level != PolicyLevel::Database);
        for policy in policies {
            shorten_rows(&database, policy, &read.groups, user, clock.now()).await;
        }
    };
    let work = tokio::spawn(work.in_current_span());
    // A panic is in the log.
    let _ = timeout(patience, work).await;
}

fn log_late(database: &Database, error: &StoreError) {
    tracing::error!(
        database = %database.name(), %error,
        "a policy holds, and lists of sessions do not show its ends yet"
    );
}

/// What is over by a shorter time.
#[derive(Debug, Default)]
pub(super) struct Over {
    pub sessions: usize,
    pub users: HashSet<UserId>,
}

/// Makes the rows shorter that exceed a policy, of all its users or of one.
pub(super) async fn shorten_rows(
    database: &Database,
    policy: Policy,
    groups: &[Group],
    user: Option<UserId>,
    now: OffsetDateTime,
) -> Over {
    let mut over = Over::default();
    let Some(shorter) = shorter(policy) else {
        return over;
    };
    let whom = whom(policy.level, groups);
    let mut last = None;
    loop {
        let batch = match user {
            Some(user) => {
                shorten_next_of_user(database, user, &whom, shorter, now, last, BATCH).await
            }
            None => shorten_next(database, &whom, shorter, now, last, BATCH).await,
        };
        let batch = match batch {
            Ok(batch) => batch,
            Err(error) => {
                log_late(database, &error);
                break;
            }
        };
        let ends = batch.iter().filter(|session| session.is_over);
        for session in ends {
            over.sessions += 1;
            over.users.insert(session.user);
        }
        last = batch.last().map(|session| session.id);
        if is_last(batch.len()) {
            break;
        }
    }
    over
}

pub(super) fn is_last(batch: usize) -> bool {
    batch < usize::try_from(BATCH).unwrap_or(usize::MAX)
}

/// The times of sessions that a policy makes shorter; `None`: the policy ends no session by itself.
pub(super) fn shorter(policy: Policy) -> Option<Shorter> {
    let seconds = Some(f64::from(policy.value));
    let none = Shorter::default();
    Some(match policy.setting {
        PolicySetting::IdleTimeout => Shorter {
            idle: seconds,
            ..none
        },
        PolicySetting::SharedIdleTimeout => Shorter {
            shared_idle: seconds,
            ..none
        },
        PolicySetting::AbsoluteTimeout => Shorter {
            absolute: seconds,
            ..none
        },
        PolicySetting::ConfirmationTimeout
        | PolicySetting::MaxSessions
        | PolicySetting::SharedComputer
        | PolicySetting::MinPasswordLength
        | PolicySetting::RefuseLogIn => return None,
    })
}

/// The users of a level.
pub(super) fn whom(level: PolicyLevel, known: &[Group]) -> Whom {
    let (company, groups) = match level {
        PolicyLevel::Database => (None, None),
        PolicyLevel::Company(company) => (Some(company), None),
        PolicyLevel::Group(group) => (None, Some(access::leading_to(group, known))),
    };
    Whom { company, groups }
}
