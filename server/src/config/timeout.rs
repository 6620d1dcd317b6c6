//! A span of time as an administrator writes it: `90s`, `15min`, `12h`, `7d`.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Units, the largest first. `m` alone is not a unit, because it could mean a minute or a month.
const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];

/// A span of whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timeout(Duration);

/// The refusal of a text that is not a span of time.
#[derive(Debug, Error)]
pub enum TimeoutError {
    /// The text is not a number followed by a unit.
    #[error(
        "`{0}` is not a duration: write a whole number and s, min, h or d, as in `90s`, `15min`, `12h`, `7d`"
    )]
    Syntax(String),
    /// The number of seconds overflows.
    #[error("`{0}` is too long")]
    TooLong(String),
}

impl Timeout {
    /// A span of this many seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// The span, in whole seconds.
    pub const fn duration(self) -> Duration {
        self.0
    }
}

impl FromStr for Timeout {
    type Err = TimeoutError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let syntax = || TimeoutError::Syntax(text.to_owned());
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .ok_or_else(syntax)?;
        let (number, unit) = text.split_at(end);
        let unit = UNITS.iter().find(|(name, _)| *name == unit);
        let (_, seconds) = unit.filter(|_| !number.is_empty()).ok_or_else(syntax)?;
        let number: Option<u64> = number.parse().ok();
        let total = number.and_then(|number| number.checked_mul(*seconds));
        total
            .map(Self::from_secs)
            .ok_or_else(|| TimeoutError::TooLong(text.to_owned()))
    }
}

impl TryFrom<String> for Timeout {
    type Error = TimeoutError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Timeout> for String {
    fn from(timeout: Timeout) -> Self {
        timeout.to_string()
    }
}

/// Written in the largest unit that leaves no remainder.
impl fmt::Display for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.0.as_secs();
        let whole = UNITS
            .iter()
            .find(|(_, seconds)| total > 0 && total.is_multiple_of(*seconds));
        let (unit, seconds) = whole.unwrap_or(&("s", 1));
        write!(f, "{}{unit}", total / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read_and_written_back_in_the_largest_that_fits() {
        let cases = [
            ("90s", 90, "90s"),
            ("60s", 60, "1min"),
            ("15min", 900, "15min"),
            ("12h", 43_200, "12h"),
            ("24h", 86_400, "1d"),
            ("7d", 604_800, "7d"),
            ("0d", 0, "0s"),
        ];
        for (text, seconds, printed) in cases {
            let timeout = text.parse::<Timeout>().ok();
            assert_eq!(timeout, Some(Timeout::from_secs(seconds)), "{text}");
            assert_eq!(
                timeout.map(|timeout| timeout.to_string()).as_deref(),
                Some(printed)
            );
        }
    }

    #[test]
    fn what_is_ambiguous_or_no_duration_is_refused() {
        let texts = [
            "",
            "12",
            "h",
            "5m",
            "12 h",
            "-1h",
            "1.5h",
            "1h30min",
            "12H",
            "none",
            "99999999999999999999s",
            "18446744073709551615d",
            "١h",
        ];
        for text in texts {
            assert!(text.parse::<Timeout>().is_err(), "{text}");
        }
    }
}
