//! Words for what a person prefers.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// The colours of pages.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[strum(serialize_all = "snake_case")]
pub enum Theme {
    /// The theme of the operating system.
    #[default]
    System,
    /// Dark text on light surfaces.
    Light,
    /// Light text on dark surfaces.
    Dark,
}

/// The order and the spelling of day, month and year.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[strum(serialize_all = "snake_case")]
pub enum DateFormat {
    /// As the language of the page writes dates.
    #[default]
    Automatic,
    /// "26 Nov 2026".
    DayMonthYear,
    /// "Nov 26, 2026".
    MonthDayYear,
    /// "2026-11-26" (ISO 8601).
    Iso,
}

/// The clock that times are read from.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[strum(serialize_all = "snake_case")]
pub enum TimeFormat {
    /// As the language of the page writes times.
    #[default]
    Automatic,
    /// "22:45".
    Hours24,
    /// "10:45 PM".
    Hours12,
}

impl Theme {
    /// Every theme.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The word in SQL, forms, cookies and the document.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl DateFormat {
    /// Every spelling of dates.
    pub const ALL: [Self; 4] = [
        Self::Automatic,
        Self::DayMonthYear,
        Self::MonthDayYear,
        Self::Iso,
    ];

    /// The word in SQL and forms.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl TimeFormat {
    /// Every spelling of times.
    pub const ALL: [Self; 3] = [Self::Automatic, Self::Hours24, Self::Hours12];

    /// The word in SQL and forms.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_read_as_the_variant_that_is_written_as_this_word() {
        for theme in Theme::ALL {
            assert_eq!(theme.as_str().parse(), Ok(theme));
        }
        for format in DateFormat::ALL {
            assert_eq!(format.as_str().parse(), Ok(format));
        }
        for format in TimeFormat::ALL {
            assert_eq!(format.as_str().parse(), Ok(format));
        }
        assert_eq!(Theme::ALL.map(Theme::as_str), Theme::VARIANTS);
        assert_eq!(
            DateFormat::ALL.map(DateFormat::as_str),
            DateFormat::VARIANTS
        );
        assert_eq!(
            TimeFormat::ALL.map(TimeFormat::as_str),
            TimeFormat::VARIANTS
        );
    }

    #[test]
    fn no_other_word_is_read() {
        for word in ["", "Dark", "dark ", "Automatic", "12", "\u{0}"] {
            assert!(word.parse::<Theme>().is_err(), "{word:?}");
            assert!(word.parse::<DateFormat>().is_err(), "{word:?}");
            assert!(word.parse::<TimeFormat>().is_err(), "{word:?}");
        }
    }
}
