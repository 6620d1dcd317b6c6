//! Converts the core's sessions to the cards that people see.

use std::collections::HashMap;

use latchkey_core::{
    access::PolicyLevel,
    account::EffectiveSetting,
    client::Agent,
    device::{self, DeviceName},
    session::{Caller, EndedBy, ListedSession, PastSession},
};

use super::{Visitor, moment::seconds};
use crate::{
    text::text,
    wire::{
        ApiError,
        device::{DeviceCard, DeviceTitle, EndedDevice},
        policy::PolicyUsers,
        session::End,
    },
    wording,
};

/// A device that was first seen this short before the session's log-in was first seen at that log-in.
const A_MOMENT: time::Duration = time::Duration::minutes(1);

impl Visitor {
    /// A card for each session.
    pub(crate) fn device_cards(&self, sessions: Vec<ListedSession>) -> Vec<DeviceCard> {
        let now = self.core.clock.now();
        let current = self.caller().ok().map(|caller| caller.session.id);
        let card = |listed: ListedSession| {
            let session = listed.session;
            let other_addresses = listed.other_addresses.into_iter();
            let device = self.core.devices.recognise(&session.agent);
            let idle = (now - session.last_active_at).whole_minutes();
            DeviceCard {
                id: session.id.to_string(),
                is_current: Some(session.id) == current,
                kind: device.kind,
                is_new: listed.is_device_new && Some(session.id) != current,
                can_be_acknowledged: listed.can_be_acknowledged,
                name: name(&device, listed.device_name.as_ref()),
                browser_version: device.browser_version.clone(),
                address: session.address.map(|address| self.address(address)),
                other_addresses: other_addresses
                    .map(|address| self.address(address))
                    .collect(),
                logged_in_at: self.moment(session.created_at),
                first_seen_at: listed
                    .device_known_since
                    .filter(|since| *since + A_MOMENT < session.created_at)
                    .map(|since| self.moment(since)),
                last_active_at: self.moment(session.last_active_at),
                idle_minutes: u32::try_from(idle).unwrap_or(0),
                expires_at: self.moment(session.expiry.at),
                expiry_rule: session.expiry.rule,
                timeout: seconds(session.timeout()),
                policy: None,
                authenticated_by: session.authenticated_by,
                computer: session.computer,
            }
        };
        sessions.into_iter().map(card).collect()
    }

    /// A card for each of the caller's sessions, with the policy that sets the session's end.
    pub(crate) async fn explained_device_cards(
        &self,
        caller: &Caller,
        sessions: Vec<ListedSession>,
    ) -> Result<Vec<DeviceCard>, ApiError> {
        let policies = &self.core.policies;
        let (own, ends) = (policies.explain_own(caller), sessions.iter());
        let ends = ends.map(|listed| policies.explain_end(&own, &listed.session));
        let ends: Vec<_> = ends.collect();
        let levels = ends.iter().flatten().filter_map(|end| end.by);
        let names = self.policy_users(caller, levels).await?;
        let mut cards = self.device_cards(sessions);
        for (card, end) in cards.iter_mut().zip(ends) {
            card.policy = end.and_then(|end| explained(&end, &names));
        }
        Ok(cards)
    }

    /// The seconds for which revoking needs no password.
    pub(crate) fn confirmed_for(&self, caller: &Caller) -> u32 {
        seconds(self.core.sessions.confirmed_for(caller))
    }

    /// A line for each ended session.
    pub(crate) fn ended_devices(&self, sessions: Vec<PastSession>) -> Vec<EndedDevice> {
        let line = |session: PastSession| {
            let device = self.core.devices.recognise(&session.agent);
            EndedDevice {
                name: name(&device, session.device_name.as_ref()),
                kind: device.kind,
                address: session.address.map(|address| self.address(address)),
                logged_in_at: self.moment(session.created_at),
                ended_at: self.moment(session.ended_at),
                end: End {
                    cause: session.cause,
                    by: session.by.as_ref().map(|by| self.ended_by(by)),
                },
            }
        };
        sessions.into_iter().map(line).collect()
    }

    /// The names of a device.
    pub(super) fn device_title(&self, agent: &Agent, given: Option<&DeviceName>) -> DeviceTitle {
        name(&self.core.devices.recognise(agent), given)
    }

    /// The names of the device that ended a session.
    pub(super) fn ended_by(&self, by: &EndedBy) -> DeviceTitle {
        self.device_title(&by.agent, by.device_name.as_ref())
    }
}

/// A policy in words.
fn explained(end: &EffectiveSetting, names: &HashMap<PolicyLevel, PolicyUsers>) -> Option<String> {
    let text = text();
    let whom = wording::policy_users(text, names.get(&end.by?)?);
    let value = wording::policy_value(end.setting, end.value?);
    let policy = text.policy_words(&value, &whom);
    let configured = wording::policy_configured(text, end.setting, end.configured);
    Some(text.device_policy(&text.policy_configured(&configured), &policy))
}

fn name(device: &device::Device, given: Option<&DeviceName>) -> DeviceTitle {
    DeviceTitle {
        given: given.map(ToString::to_string),
        browser: device.browser.clone(),
        platform: device.place().map(|name| platform(name).to_owned()),
    }
}

/// The system or the machine. Names of products are the same in every language.
fn platform(name: &str) -> &str {
    match name {
        "Android phone" => text().device_android_phone(),
        "Android tablet" => text().device_android_tablet(),
        product => product,
    }
}
