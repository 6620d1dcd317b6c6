//! Policies: administrators make the settings of sessions stricter for a database, a company or a group.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use super::groups::change_all_at;
use crate::{
    StoreError,
    access::{self, Group, GroupId, Policy, PolicyLevel, PolicySetting, Rights},
    clock::Clock,
    company::CompanyId,
    database::{Database, SystemTx},
    session::{
        Caller, SessionSettings,
        store::{Shorter, Whom, count_shortened, shorten_next},
    },
    user::{self, User},
};

/// The shortest timeout of a policy, in seconds. A shorter one would leave people no time to answer the warning (WCAG 2.2.1), and could
/// keep administrators from working.
pub const SHORTEST_TIMEOUT: u32 = 120;

/// The largest number of sessions that one statement makes shorter.
const BATCH: i64 = 1_000;

/// The service of the policies of databases.
pub struct Policies {
    pub(super) clock: Arc<dyn Clock>,
    settings: SessionSettings,
}

/// What a policy ends at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicyImpact {
    /// Number of sessions.
    pub sessions: u32,
    /// Number of users who have the sessions.
    pub users: u32,
}

/// The reason why a policy was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetPolicyError {
    /// The value is not smaller than that of the configuration file, which is given.
    #[error("a policy only makes the value of the configuration file smaller")]
    NotStricter(PolicySetting, u32),
    /// The value is smaller than this minimum, in seconds or as a number.
    #[error("the value is at least {1}")]
    TooSmall(PolicySetting, u32),
    /// The company or the group is gone.
    #[error("the company or the group was deleted meanwhile")]
    Gone,
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The value of a setting for a user, and where the value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveSetting {
    /// The setting.
    pub setting: PolicySetting,
    /// The value: seconds or a number; `None`: no limit.
    pub value: Option<u32>,
    /// The policy that the value comes from; `None`: the configuration file.
    pub by: Option<PolicyLevel>,
    /// The value of the configuration file; `None`: no limit.
    pub configured: Option<u32>,
    /// All policies about the setting that are for the user, the smallest value first.
    pub policies: Vec<Policy>,
}

impl Policies {
    pub(crate) fn new(clock: Arc<dyn Clock>, settings: SessionSettings) -> Self {
        Self { clock, settings }
    }

    /// All policies of a database, by setting and then by level.
    pub async fn list(&self, database: &Database) -> Result<Vec<Policy>, StoreError> {
        access::store::list_policies(database).await
    }

    /// Sets a policy. It holds at the next request of each user whom it is for. Returns what it ends at once.
    pub async fn set(
        &self,
        database: &Database,
        policy: Policy,
    ) -> Result<PolicyImpact, SetPolicyError> {
        self.check(policy)?;
        let (tx, _) = change_all_at(database).await?;
        self.set_in(tx, database, policy).await
    }

    pub(super) async fn set_in(
        &self,
        mut tx: SystemTx,
        database: &Database,
        policy: Policy,
    ) -> Result<PolicyImpact, SetPolicyError> {
        access::store::set_policy(&mut tx, policy)
            .await
            .map_err(refusal)?;
        let groups = access::store::read_in(&mut tx).await?.groups;
        tx.commit().await?;
        let Some(shorter) = shorter(policy) else {
            return Ok(PolicyImpact::default());
        };
        // Requests already follow the policy. The rows follow in batches, so that no request waits for a million of them.
        let (whom, now) = (whom(policy.level, &groups), self.clock.now());
        let (mut sessions, mut users, mut last) = (0, HashSet::new(), None);
        loop {
            let batch = match shorten_next(database, &whom, shorter, now, last, BATCH).await {
                Ok(batch) => batch,
                Err(error) => {
                    tracing::error!(
                        database = %database.name(), %error,
                        "a policy holds, and lists of sessions do not show its ends yet"
                    );
                    break;
                }
            };
            let over = batch.iter().filter(|session| session.is_over);
            let over: Vec<_> = over.map(|session| session.user).collect();
            sessions += over.len();
            users.extend(over);
            last = batch.last().map(|session| session.id);
            if batch.len() < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                break;
            }
        }
        Ok(PolicyImpact {
            sessions: u32::try_from(sessions).unwrap_or(u32::MAX),
            users: u32::try_from(users.len()).unwrap_or(u32::MAX),
        })
    }

    /// What [`Self::set`] would end at once. Changes nothing, and no request waits.
    pub async fn try_out(
        &self,
        database: &Database,
        policy: Policy,
    ) -> Result<PolicyImpact, SetPolicyError> {
        self.check(policy)?;
        let Some(shorter) = shorter(policy) else {
            return Ok(PolicyImpact::default());
        };
        let groups = access::store::list(database).await?;
        let (whom, now) = (whom(policy.level, &groups), self.clock.now());
        let (sessions, users) = count_shortened(database, &whom, shorter, now).await?;
        Ok(PolicyImpact {
            sessions: u32::try_from(sessions).unwrap_or(u32::MAX),
            users: u32::try_from(users).unwrap_or(u32::MAX),
        })
    }

    pub(super) fn check(&self, policy: Policy) -> Result<(), SetPolicyError> {
        let Policy { setting, .. } = policy;
        let least = if setting.ends_sessions() {
            SHORTEST_TIMEOUT
        } else {
            1
        };
        if policy.value < least {
            return Err(SetPolicyError::TooSmall(setting, least));
        }
        match value(&self.settings, setting) {
            Some(configured) if policy.value >= configured => {
                Err(SetPolicyError::NotStricter(setting, configured))
            }
            _ => Ok(()),
        }
    }

    /// Deletes a policy; `false` if there is none. A longer idle timeout holds from the next activity of each session on, a longer
    /// absolute timeout for new sessions.
    pub async fn clear(
        &self,
        database: &Database,
        level: PolicyLevel,
        setting: PolicySetting,
    ) -> Result<bool, StoreError> {
        let (mut tx, _) = change_all_at(database).await?;
        let was_there = access::store::delete_policy(&mut tx, level, setting, None).await?;
        tx.commit().await?;
        Ok(was_there)
    }

    /// The value of a setting in the configuration file, in seconds or as a number; `None`: no limit.
    pub fn configured(&self, setting: PolicySetting) -> Option<u32> {
        value(&self.settings, setting)
    }

    /// What holds for a user, and why.
    pub async fn explain(
        &self,
        database: &Database,
        user: &User,
    ) -> Result<Vec<EffectiveSetting>, StoreError> {
        let mut tx = database.system().await?;
        let (groups, companies, version) = user::store::access(&mut tx, user.id).await?;
        let rights = access::rights_in(&mut tx, database, &groups, version).await?;
        drop(tx);
        Ok(self.effective(&rights, &companies))
    }

    /// The same for the caller as of the beginning of the request.
    pub fn explain_own(&self, caller: &Caller) -> Vec<EffectiveSetting> {
        self.effective(&caller.rights, caller.companies.allowed())
    }

    fn effective(&self, rights: &Rights, companies: &[CompanyId]) -> Vec<EffectiveSetting> {
        let effective = self.settings.under(rights.policies_for(companies));
        let settings = PolicySetting::ALL.iter().map(|setting| {
            let policies = rights.policies_for(companies);
            let about = policies.filter(|policy| policy.setting == *setting);
            let mut policies: Vec<_> = about.copied().collect();
            policies.sort_by_key(|policy| (policy.value, policy.level));
            let (configured, value) =
                (value(&self.settings, *setting), value(&effective, *setting));
            let first = policies.first();
            let by = first.filter(|policy| Some(policy.value) == value && value != configured);
            EffectiveSetting {
                setting: *setting,
                value,
                by: by.map(|policy| policy.level),
                configured,
                policies,
            }
        });
        settings.collect()
    }
}

/// The value of a setting, in seconds or as a number; `None`: no limit.
fn value(settings: &SessionSettings, setting: PolicySetting) -> Option<u32> {
    let value = match setting {
        PolicySetting::IdleTimeout => settings.idle_timeout.as_secs(),
        PolicySetting::AbsoluteTimeout => settings.absolute_timeout?.as_secs(),
        PolicySetting::SharedIdleTimeout => settings.shared_idle_timeout.as_secs(),
        PolicySetting::ConfirmationTimeout => settings.confirmation_timeout.as_secs(),
        PolicySetting::MaxSessions => settings.most_of_user.try_into().unwrap_or(u64::MAX),
    };
    Some(u32::try_from(value).unwrap_or(u32::MAX))
}

/// The times of sessions that a policy makes shorter; `None`: the policy ends no session by itself.
fn shorter(policy: Policy) -> Option<Shorter> {
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
        PolicySetting::ConfirmationTimeout | PolicySetting::MaxSessions => return None,
    })
}

/// The users of a level.
fn whom(level: PolicyLevel, known: &[Group]) -> Whom {
    let (company, groups) = match level {
        PolicyLevel::Database => (None, None),
        PolicyLevel::Company(company) => (Some(company), None),
        PolicyLevel::Group(group) => (None, Some(leading_to(group, known))),
    };
    Whom { company, groups }
}

/// The group, and all groups that imply it.
fn leading_to(group: GroupId, known: &[Group]) -> Vec<GroupId> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![group];
    while let Some(next) = waiting.pop() {
        if found.insert(next) {
            let implying = known.iter().filter(|other| other.implies.contains(&next));
            waiting.extend(implying.map(|other| other.id));
        }
    }
    found.into_iter().collect()
}

/// What a constraint of the table refuses.
fn refusal(error: sqlx::Error) -> SetPolicyError {
    let constraint = error
        .as_database_error()
        .and_then(|error| error.constraint());
    match constraint {
        Some("policies_company_id_fkey" | "policies_group_id_fkey") => SetPolicyError::Gone,
        _ => SetPolicyError::Store(error.into()),
    }
}
