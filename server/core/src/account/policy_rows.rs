//! What a change of a policy does to the rows of sessions: how many become shorter, and which get their time back.

use std::{sync::Arc, time::Duration};

use tokio::sync::oneshot;
use tracing::Instrument as _;

use super::{
    Policies, PolicyForecast, PolicyImpact,
    shorten::{BATCH, is_last, shorten_rows, shorter, whom},
};
use crate::{
    StoreError,
    access::{self, Group, Policy, PolicySetting},
    clock::Clock,
    database::Database,
    session::{
        SessionId, SessionSettings,
        store::{self, BoundBy, Longer, count_shortened, count_users_above},
    },
    user::UserId,
};

/// The number of failures of one batch that are tried again, and the pause after each.
const MOST_FAILURES: u32 = 10;
const PAUSE: Duration = Duration::from_secs(1);

/// The time after which log-ins that were under way are committed.
const SETTLED: Duration = Duration::from_secs(10);

impl Policies {
    /// Makes the rows shorter that exceed a policy. Returns what the policy ends at once.
    pub(super) async fn shorten_rows(
        &self,
        database: &Database,
        policy: Policy,
        groups: &[Group],
    ) -> PolicyImpact {
        let shortened = shorten_rows(database, policy, groups, None, self.clock.now()).await;
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        PolicyImpact {
            sessions: number(shortened.sessions),
            users: number(shortened.users.len()),
        }
    }

    /// What a policy would do. Changes nothing.
    pub(super) async fn forecast(
        &self,
        database: &Database,
        policy: Policy,
        own: Option<UserId>,
    ) -> Result<PolicyForecast, StoreError> {
        let groups = access::store::list(database).await?;
        let (whom, now) = (whom(policy.level, &groups), self.clock.now());
        let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        if policy.setting == PolicySetting::MaxSessions {
            let users = count_users_above(database, &whom, policy.value, now).await?;
            return Ok(PolicyForecast {
                users_above: number(users),
                ..PolicyForecast::default()
            });
        }
        let Some(shorter) = shorter(policy) else {
            return Ok(PolicyForecast::default());
        };
        let shortened = count_shortened(database, &whom, shorter, now, own).await?;
        Ok(PolicyForecast {
            at_once: PolicyImpact {
                sessions: number(shortened.sessions),
                users: number(shortened.users),
            },
            soon: number(shortened.soon),
            own: number(shortened.own),
            users_above: 0,
        })
    }

    /// Gives the sessions that a policy has made shorter the time that the other settings permit, after the policy has become longer or
    /// was deleted. The returned future is ready after the first pass. The work goes on without the future, because no later request
    /// could do it; it ends with the process.
    pub(super) fn lengthen_rows(
        &self,
        database: &Database,
        setting: PolicySetting,
        former: u32,
    ) -> impl Future<Output = ()> + use<> {
        let (done, first) = oneshot::channel();
        if let Some(by) = bound_by(setting, former) {
            let work = Lengthening {
                database: database.clone(),
                settings: self.settings,
                clock: Arc::clone(&self.clock),
                by,
            };
            tokio::spawn(work.run(done).in_current_span());
        }
        async move {
            // Without work, or after a panic, which the log has, there is nothing to wait for.
            let _ = first.await;
        }
    }
}

/// Gives sessions their time back.
struct Lengthening {
    database: Database,
    settings: SessionSettings,
    clock: Arc<dyn Clock>,
    by: BoundBy,
}

impl Lengthening {
    /// The second pass finds the sessions of log-ins that had read the policy, and were not committed at the first pass.
    async fn run(self, first: oneshot::Sender<()>) {
        self.pass().await;
        let _ = first.send(());
        tokio::time::sleep(SETTLED).await;
        self.pass().await;
    }

    async fn pass(&self) {
        let (mut last, mut failures) = (None, 0);
        loop {
            match self.next(last).await {
                Ok(None) => return,
                Ok(Some(id)) => (last, failures) = (Some(id), 0),
                // Another transaction may hold a session.
                Err(error) if failures < MOST_FAILURES => {
                    failures += 1;
                    tracing::warn!(
                        database = %self.database.name(), %error,
                        "sessions whose policy no longer holds are made longer in a moment"
                    );
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => {
                    tracing::error!(
                        database = %self.database.name(), %error,
                        "a policy no longer holds, and some sessions keep the end that it gave them"
                    );
                    return;
                }
            }
        }
    }

    /// One batch. Returns the last session if more sessions may follow.
    async fn next(&self, after: Option<SessionId>) -> Result<Option<SessionId>, StoreError> {
        let mut tx = self.database.system_work().await?;
        let now = self.clock.now();
        let (bound, version) = store::bound_next(&mut tx, self.by, now, after, BATCH).await?;
        let catalog = access::catalog_in(&mut tx, &self.database, version).await?;
        let longer = bound.iter().map(|session| {
            let rights = catalog.rights_of(&session.groups);
            let policies = rights.policies_for(&session.companies);
            let settings = self.settings.under(policies);
            Longer {
                id: session.id,
                idle_expires_at: settings.idle_expiry(session.last_active_at, session.computer),
                absolute_expires_at: settings.absolute_expiry(session.created_at),
            }
        });
        let longer: Vec<_> = longer.collect();
        store::lengthen(&mut tx, self.by, &longer).await?;
        tx.commit().await?;
        let last = bound.last().map(|session| session.id);
        Ok(last.filter(|_| !is_last(bound.len())))
    }
}

/// What a policy has written into rows; `None`: nothing.
fn bound_by(setting: PolicySetting, value: u32) -> Option<BoundBy> {
    let seconds = f64::from(value);
    match setting {
        PolicySetting::IdleTimeout | PolicySetting::SharedIdleTimeout => {
            Some(BoundBy::Idle(seconds))
        }
        PolicySetting::AbsoluteTimeout => Some(BoundBy::Absolute(seconds)),
        PolicySetting::ConfirmationTimeout
        | PolicySetting::MaxSessions
        | PolicySetting::SharedComputer
        | PolicySetting::MinPasswordLength
        | PolicySetting::RefuseLogIn => None,
    }
}
