//! From the core's sessions to the cards that people see.

use std::net::IpAddr;

use latchkey_core::{
    client::Agent,
    device,
    session::{AuthenticatedBy, ExpiryRule, ListedSession, PastSession},
};

use super::{Visitor, log_in::end_cause};
use crate::api::device::{self as view, Address, DeviceCard, DeviceKind, DeviceName, EndedDevice};

impl Visitor {
    /// A card for each session.
    pub(crate) fn device_cards(&self, sessions: Vec<ListedSession>) -> Vec<DeviceCard> {
        let now = self.core.clock.now();
        let current = self.caller().ok().map(|caller| caller.session.id);
        let card = |listed: ListedSession| {
            let session = listed.session;
            let device = self.core.devices.recognise(&session.agent);
            let idle = (now - session.last_active_at).whole_minutes();
            let (expiry_rule, counted_from) = match session.expiry.rule {
                ExpiryRule::Idle => (view::ExpiryRule::Idle, session.last_active_at),
                ExpiryRule::Absolute => (view::ExpiryRule::Absolute, session.created_at),
            };
            let timeout = (session.expiry.at - counted_from).whole_seconds();
            DeviceCard {
                id: session.id.to_string(),
                is_current: Some(session.id) == current,
                kind: kind(device.kind),
                name: name(&device),
                browser_version: device.browser_version.clone(),
                address: session.address.map(address),
                other_addresses: listed.other_addresses.into_iter().map(address).collect(),
                signed_in_at: self.moment(session.created_at),
                last_active_at: self.moment(session.last_active_at),
                idle_minutes: u32::try_from(idle).unwrap_or(0),
                expires_at: self.moment(session.expiry.at),
                expiry_rule,
                timeout: u32::try_from(timeout).unwrap_or(0),
                authenticated_by: authenticated_by(session.authenticated_by),
                is_on_shared_computer: session.is_on_shared_computer,
            }
        };
        sessions.into_iter().map(card).collect()
    }

    /// A line for each session that has ended.
    pub(crate) fn ended_devices(&self, sessions: Vec<PastSession>) -> Vec<EndedDevice> {
        let line = |session: PastSession| {
            let device = self.core.devices.recognise(&session.agent);
            let by = session.by.as_ref().map(|agent| self.device_name(agent));
            EndedDevice {
                name: name(&device),
                kind: kind(device.kind),
                address: session.address.map(address),
                signed_in_at: self.moment(session.created_at),
                ended_at: self.moment(session.ended_at),
                cause: end_cause(session.cause, by),
            }
        };
        sessions.into_iter().map(line).collect()
    }

    /// What an agent's device is called.
    pub(super) fn device_name(&self, agent: &Agent) -> DeviceName {
        name(&self.core.devices.recognise(agent))
    }
}

fn name(device: &device::Device) -> DeviceName {
    DeviceName {
        browser: device.browser.clone(),
        platform: device.platform.clone(),
    }
}

fn kind(kind: device::DeviceKind) -> DeviceKind {
    match kind {
        device::DeviceKind::Computer => DeviceKind::Computer,
        device::DeviceKind::Phone => DeviceKind::Phone,
        device::DeviceKind::Tablet => DeviceKind::Tablet,
        device::DeviceKind::Other => DeviceKind::Other,
    }
}

pub(super) fn authenticated_by(how: AuthenticatedBy) -> view::AuthenticatedBy {
    match how {
        AuthenticatedBy::Password => view::AuthenticatedBy::Password,
        AuthenticatedBy::OneTimePassword => view::AuthenticatedBy::OneTimePassword,
    }
}

pub(super) fn address(address: IpAddr) -> Address {
    let is_local = match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    };
    Address {
        text: address.to_string(),
        is_local,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_the_local_network() {
        for local in [
            "10.1.2.3",
            "192.168.0.9",
            "127.0.0.1",
            "169.254.1.1",
            "::1",
            "fd00::1",
            "fe80::1",
        ] {
            assert!(address(local.parse().unwrap()).is_local, "{local}");
        }
        for public in ["203.0.113.7", "2001:db8::7", "172.32.0.1"] {
            assert!(!address(public.parse().unwrap()).is_local, "{public}");
        }
    }
}
