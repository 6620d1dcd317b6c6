//! The values of policies, as administrators write and read them.

use anyhow::anyhow;
use latchkey_core::access::PolicySetting;

use crate::{config::Timeout, text::text};

/// The only value of a switch.
const ALWAYS: &str = "always";

/// A value as an administrator writes it, in seconds or as a number.
pub(super) fn parse_value(setting: PolicySetting, typed: &str) -> anyhow::Result<u32> {
    if setting.is_switch() {
        return if typed == ALWAYS {
            Ok(1)
        } else {
            Err(anyhow!(text().policy_no_switch(ALWAYS)))
        };
    }
    if setting.is_time() {
        let time: Timeout = typed.parse()?;
        return Ok(u32::try_from(time.duration().as_secs()).unwrap_or(u32::MAX));
    }
    let number = typed.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| anyhow!(text().policy_no_number()))
}

/// A value as people read it.
pub(super) fn shown(setting: PolicySetting, value: u32) -> String {
    if setting.is_switch() {
        ALWAYS.to_owned()
    } else if setting.is_time() {
        Timeout::from_secs(value.into()).to_string()
    } else {
        value.to_string()
    }
}
