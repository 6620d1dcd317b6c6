//! Policies: administrators make the settings of sessions stricter for a database, a company or a group.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use super::groups::change_all_at;
use crate::{
    StoreError,
    access::{self, Policy, PolicyLevel, PolicySetting, Rights},
    clock::Clock,
    company::CompanyId,
    database::{Database, SystemTx},
    session::{AtMostOfUser, Caller, ExpiryRule, Session, SessionSettings},
    user::{self, User, UserId},
};

/// The shortest timeout of a policy, in seconds. A shorter one would leave people no time to answer the warning (WCAG 2.2.1), and could
/// keep administrators from working.
pub const SHORTEST_TIMEOUT: u32 = 120;

/// The largest number of characters that a policy asks of passwords (OWASP ASVS 6.2.9).
pub const LONGEST_MIN_PASSWORD: u32 = 64;

/// The service of the policies of databases.
pub struct Policies {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) settings: SessionSettings,
}

/// What a policy ends at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicyImpact {
    /// Number of sessions.
    pub sessions: u32,
    /// Number of users who have the sessions.
    pub users: u32,
}

/// What a policy would do to the people who are logged in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicyForecast {
    /// What ends at once.
    pub at_once: PolicyImpact,
    /// Number of further sessions that end within an hour, also if they are in use.
    pub soon: u32,
    /// Number of the sessions that end at once or soon, of the person who asks.
    pub own: u32,
    /// Number of users with more sessions than the policy permits. Their next log-in has the consequence that the configuration file
    /// names.
    pub users_above: u32,
}

/// The reason why a policy was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetPolicyError {
    /// The value is not stricter than that of the configuration file, which is given.
    #[error("a policy only makes the value of the configuration file stricter")]
    NotStricter(PolicySetting, u32),
    /// The value is smaller than this minimum, in seconds or as a number.
    #[error("the value is at least {1}")]
    TooSmall(PolicySetting, u32),
    /// The value is larger than this maximum.
    #[error("the value is at most {1}")]
    TooLarge(PolicySetting, u32),
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
    /// All policies about the setting that are for the user, the strictest first.
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
        self.set_in(tx, database, policy, Duration::MAX).await
    }

    pub(super) async fn set_in(
        &self,
        mut tx: SystemTx,
        database: &Database,
        policy: Policy,
        patience: Duration,
    ) -> Result<PolicyImpact, SetPolicyError> {
        let Policy {
            level,
            setting,
            value,
        } = policy;
        let former = access::store::policy_value(&mut tx, level, setting).await?;
        access::store::set_policy(&mut tx, policy)
            .await
            .map_err(refusal)?;
        let groups = access::store::read_in(&mut tx).await?.groups;
        tx.commit().await?;
        let longer = former
            .filter(|former| setting.laxity(*former) < setting.laxity(value))
            .map(|former| self.lengthen_rows(database, setting, former));
        // Requests already follow the policy. The rows follow in batches, so that no request waits for a million of them.
        let impact = self.shorten_rows(database, policy, &groups).await;
        if let Some(longer) = longer {
            let _ = timeout(patience, longer).await;
        }
        Ok(impact)
    }

    /// What [`Self::set`] would do, also to the sessions of `own`, who asks. Changes nothing, and no request waits.
    pub async fn try_out(
        &self,
        database: &Database,
        policy: Policy,
        own: Option<UserId>,
    ) -> Result<PolicyForecast, SetPolicyError> {
        self.check(policy)?;
        Ok(self.forecast(database, policy, own).await?)
    }

    pub(super) fn check(&self, policy: Policy) -> Result<(), SetPolicyError> {
        let Policy { setting, value, .. } = policy;
        let least = if setting.ends_sessions() {
            SHORTEST_TIMEOUT
        } else {
            1
        };
        if value < least {
            return Err(SetPolicyError::TooSmall(setting, least));
        }
        if setting.is_switch() && value > 1 {
            return Err(SetPolicyError::NotStricter(setting, 1));
        }
        match self.configured(setting) {
            Some(configured) if setting.laxity(value) >= setting.laxity(configured) => {
                Err(SetPolicyError::NotStricter(setting, configured))
            }
            _ if setting == PolicySetting::MinPasswordLength && value > LONGEST_MIN_PASSWORD => {
                Err(SetPolicyError::TooLarge(setting, LONGEST_MIN_PASSWORD))
            }
            _ => Ok(()),
        }
    }

    /// Deletes a policy; `false` if there is none. Live sessions get the longer time that the other settings permit.
    pub async fn clear(
        &self,
        database: &Database,
        level: PolicyLevel,
        setting: PolicySetting,
    ) -> Result<bool, StoreError> {
        let (mut tx, _) = change_all_at(database).await?;
        let former = access::store::delete_policy(&mut tx, level, setting, None).await?;
        tx.commit().await?;
        if let Some(former) = former {
            self.lengthen_rows(database, setting, former).await;
        }
        Ok(former.is_some())
    }

    /// The value of a setting in the configuration file, in seconds or as a number; `None`: no limit.
    pub fn configured(&self, setting: PolicySetting) -> Option<u32> {
        value(&self.settings, setting)
    }

    /// Whether the configuration file refuses a log-in beyond `max_sessions`. Otherwise the session that was unused for longest ends.
    pub fn refuse_log_in(&self) -> bool {
        self.settings.at_most_of_user == AtMostOfUser::RefuseLogIn
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

    /// The policy that sets the end of one of the caller's sessions, of what [`Self::explain_own`] returns; `None`: the configuration
    /// file sets the end.
    pub fn explain_end(
        &self,
        own: &[EffectiveSetting],
        session: &Session,
    ) -> Option<EffectiveSetting> {
        let settings = match session.expiry.rule {
            ExpiryRule::Absolute => &[PolicySetting::AbsoluteTimeout] as &[_],
            ExpiryRule::Idle if session.computer.is_shared() => {
                &[PolicySetting::SharedIdleTimeout, PolicySetting::IdleTimeout]
            }
            ExpiryRule::Idle => &[PolicySetting::IdleTimeout],
        };
        let timeout = session.timeout().whole_seconds();
        let policy = own.iter().find(|effective| {
            settings.contains(&effective.setting)
                && effective.by.is_some()
                && effective.value.map(i64::from) == Some(timeout)
        })?;
        let configured = settings
            .iter()
            .filter_map(|setting| self.configured(*setting));
        Some(EffectiveSetting {
            configured: configured.min(),
            ..policy.clone()
        })
    }

    fn effective(&self, rights: &Rights, companies: &[CompanyId]) -> Vec<EffectiveSetting> {
        let effective = self.settings.under(rights.policies_for(companies));
        let settings = PolicySetting::ALL.iter().map(|setting| {
            let policies = rights.policies_for(companies);
            let about = policies.filter(|policy| policy.setting == *setting);
            let mut policies: Vec<_> = about.copied().collect();
            policies.sort_by_key(|policy| (setting.laxity(policy.value), policy.level));
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
        PolicySetting::SharedComputer => return settings.always_shared.then_some(1),
        PolicySetting::RefuseLogIn => {
            return (settings.at_most_of_user == AtMostOfUser::RefuseLogIn).then_some(1);
        }
        PolicySetting::MinPasswordLength => {
            settings.min_password_length.try_into().unwrap_or(u64::MAX)
        }
    };
    Some(u32::try_from(value).unwrap_or(u32::MAX))
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
