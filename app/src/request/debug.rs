//! Debug mode of the visitor's session.

use std::collections::HashMap;

use latchkey_core::{
    access::{self, GroupId, PolicyLevel, Resource, Rule, Verb, Verbs},
    account::EffectiveSetting,
    session::{Caller, DebugMode, SetDebugModeError},
};
use time::format_description::well_known::Rfc3339;

use super::Visitor;
use crate::wire::{
    ApiError,
    debug::{DebugFacts, DebugRight, DebugSetting},
};

/// The names of the groups that the caller is in.
type Names = HashMap<GroupId, access::GroupTitle>;

impl Visitor {
    /// The debug mode of the caller's session.
    pub fn debug_mode(&self) -> DebugMode {
        self.caller().map(|caller| caller.debug).unwrap_or_default()
    }

    /// Changes the debug mode of the caller's session.
    pub async fn set_debug_mode(&self, mode: DebugMode) -> Result<(), ApiError> {
        let caller = self.caller()?;
        Ok(self.core.sessions.set_debug_mode(caller, mode).await?)
    }

    /// Whether the caller may use debug mode.
    pub fn may_use_debug_mode(&self) -> bool {
        self.caller_with(Verb::Read, Resource::DEBUG_MODE).is_ok()
    }

    /// What the panel of debug mode shows; `None` without debug mode. This needs no SQL statement.
    pub(crate) async fn debug_facts(&self, language: &str) -> Option<DebugFacts> {
        let caller = self.caller().ok()?;
        let mode = caller.debug;
        if !mode.is_on() {
            return None;
        }
        let names = self.core.groups.own_titles(caller).await;
        let rules = self.core.groups.own_rules(caller).await;
        let rights = caller.rights.verbs().map(|(resource, verbs)| {
            let about = rules.iter().filter(|rule| rule.resource == resource);
            DebugRight {
                resource: resource.to_owned(),
                verbs: listed(verbs),
                rules: about.map(|rule| described(rule, &names)).collect(),
            }
        });
        let settings = self.core.policies.explain_own(caller);
        Some(DebugFacts {
            mode,
            session: self.session_facts(caller, &names, language),
            rights: rights.collect(),
            settings: settings
                .iter()
                .map(|setting| explained(setting, &names))
                .collect(),
        })
    }

    fn session_facts(
        &self,
        caller: &Caller,
        names: &Names,
        language: &str,
    ) -> Vec<(&'static str, String)> {
        let session = &caller.session;
        let at = |moment: time::OffsetDateTime| moment.format(&Rfc3339).unwrap_or_default();
        let mut groups: Vec<_> = names.values().map(|title| title.name.as_str()).collect();
        groups.sort_unstable();
        let context = serde_json::to_string(caller.context.values()).unwrap_or_default();
        vec![
            ("database", caller.database.name().to_string()),
            ("user.id", caller.user.id.to_string()),
            ("user.login", caller.user.login.clone()),
            ("session.id", session.id.to_string()),
            (
                "session.authenticated_by",
                session.authenticated_by.as_str().to_owned(),
            ),
            ("session.created_at", at(session.created_at)),
            ("session.expires_at", at(session.expiry.at)),
            ("groups", groups.join(", ")),
            ("companies.active", ids(caller.companies.active())),
            ("companies.allowed", ids(caller.companies.allowed())),
            ("language", language.to_owned()),
            ("time_zone", self.time_zone().unwrap_or_default().to_owned()),
            ("context", context),
        ]
    }
}

fn ids(companies: &[latchkey_core::company::CompanyId]) -> String {
    let ids: Vec<_> = companies.iter().map(ToString::to_string).collect();
    ids.join(", ")
}

fn listed(verbs: Verbs) -> String {
    let verbs: Vec<_> = verbs.iter().map(Verb::as_str).collect();
    verbs.join(", ")
}

fn described(rule: &Rule, names: &Names) -> String {
    let (verbs, scope) = (listed(rule.verbs), rule.scope.as_str());
    let group = rule
        .group
        .map_or_else(|| "all users".to_owned(), |group| named_group(group, names));
    format!("{verbs}: {scope} ({group}) \"{}\"", rule.name)
}

fn named_group(group: GroupId, names: &Names) -> String {
    let name = names.get(&group).map(|title| title.name.clone());
    format!("group {}", name.unwrap_or_else(|| group.to_string()))
}

fn explained(setting: &EffectiveSetting, names: &Names) -> DebugSetting {
    let unit = if setting.setting.is_time() { " s" } else { "" };
    let written = |value: Option<u32>| {
        value.map_or_else(|| "none".to_owned(), |value| format!("{value}{unit}"))
    };
    let source = match setting.by {
        None => "configuration".to_owned(),
        Some(level) => {
            let whom = match level {
                PolicyLevel::Database => "all users".to_owned(),
                PolicyLevel::Company(company) => format!("company {company}"),
                PolicyLevel::Group(group) => named_group(group, names),
            };
            let configured = written(setting.configured);
            format!("policy for {whom}; configuration: {configured}")
        }
    };
    DebugSetting {
        name: setting.setting.as_str(),
        value: written(setting.value),
        source,
    }
}

impl From<SetDebugModeError> for ApiError {
    fn from(error: SetDebugModeError) -> Self {
        match error {
            SetDebugModeError::NoAccess => Self::NoAccess,
            SetDebugModeError::LoggedOut => Self::LoggedOut,
            SetDebugModeError::Store(error) => error.into(),
        }
    }
}
