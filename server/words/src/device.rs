//! Words for devices.

use serde::{Deserialize, Serialize};

/// The kind of machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceKind {
    /// A desktop or laptop.
    Computer,
    /// A phone.
    Phone,
    /// A tablet.
    Tablet,
    /// No machine, but a program of the command line or of a developer, such as curl.
    Program,
    /// No machine, but a bot that says so.
    Bot,
    /// Another or an unknown machine.
    #[default]
    Other,
}

/// Who uses the computer that a person logs in on, as the person says, or as a policy says. PostgreSQL and pages keep whether the computer
/// is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "bool", into = "bool")]
pub enum Computer {
    /// The person alone.
    Own,
    /// Other people, too. A session ends sooner, and its cookie lasts until the browser is closed.
    Shared,
}

impl Computer {
    /// Whether other people use the computer, too.
    pub fn is_shared(self) -> bool {
        self == Self::Shared
    }
}

impl From<bool> for Computer {
    fn from(is_shared: bool) -> Self {
        if is_shared { Self::Shared } else { Self::Own }
    }
}

impl From<Computer> for bool {
    fn from(computer: Computer) -> Self {
        computer.is_shared()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_computer_travels_as_whether_it_is_shared() {
        for (computer, is_shared) in [(Computer::Own, false), (Computer::Shared, true)] {
            assert_eq!(
                serde_json::to_value(computer).unwrap(),
                serde_json::json!(is_shared)
            );
            assert_eq!(Computer::from(is_shared), computer);
        }
    }
}
