//! Words for policies.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};

/// What a policy makes stricter. The names are those of the configuration file, where that has the option.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
    VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PolicySetting {
    /// The time without activity after which a session ends, in seconds.
    IdleTimeout,
    /// The time after log-in at which a session ends, in seconds.
    AbsoluteTimeout,
    /// The idle timeout on a shared computer, in seconds.
    SharedIdleTimeout,
    /// The time for which a confirmed identity permits sensitive actions, in seconds.
    ConfirmationTimeout,
    /// The largest number of live sessions of one user.
    MaxSessions,
    /// Whether every log-in counts as one on a shared computer. The value is 1.
    SharedComputer,
    /// The smallest number of characters of a new password.
    MinPasswordLength,
    /// Whether a log-in beyond the largest number of sessions is refused. The value is 1.
    RefuseLogIn,
}

impl PolicySetting {
    /// All settings, in the order of lists.
    pub const ALL: &'static [Self] = <Self as VariantArray>::VARIANTS;

    /// The word in SQL, in commands and for programs.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether a smaller value ends sessions by itself. The others hold at the next log-in or the next sensitive action.
    pub fn ends_sessions(self) -> bool {
        matches!(
            self,
            Self::IdleTimeout | Self::AbsoluteTimeout | Self::SharedIdleTimeout
        )
    }

    /// Whether the value is a time in seconds.
    pub fn is_time(self) -> bool {
        !matches!(
            self,
            Self::MaxSessions | Self::SharedComputer | Self::MinPasswordLength | Self::RefuseLogIn
        )
    }

    /// Whether a policy holds or not, without a value to choose: the value is 1.
    pub fn is_switch(self) -> bool {
        matches!(self, Self::SharedComputer | Self::RefuseLogIn)
    }

    /// Whether a larger value is stricter.
    pub fn is_stricter_if_larger(self) -> bool {
        self == Self::MinPasswordLength
    }

    /// A number that is smaller for a stricter value.
    pub fn laxity(self, value: u32) -> u32 {
        if self.is_stricter_if_larger() {
            u32::MAX - value
        } else {
            value
        }
    }
}
