//! The languages of the product.

use super::plural::Rule;

/// A language of the product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// `en`, which says which texts there are.
    #[default]
    En,
    /// `ar`
    Ar,
    /// `de`
    De,
    /// `es`
    Es,
    /// `fr`
    Fr,
    /// `pl`
    Pl,
    /// `en-XA`, a pseudo-language for tests
    EnXa,
    /// `ar-XB`, a pseudo-language for tests
    ArXb,
}

/// The facts about a language besides its texts.
struct Facts {
    code: &'static str,
    own_name: &'static str,
    direction: &'static str,
    rule: Rule,
}

impl Language {
    /// Every language, first the language that the product is written in, in the order of the variants.
    pub const ALL: &'static [Self] = &[
        Self::En,
        Self::Ar,
        Self::De,
        Self::Es,
        Self::Fr,
        Self::Pl,
        Self::EnXa,
        Self::ArXb,
    ];

    /// The languages for people, which have a file in each catalogue. The pseudo-languages are made from English.
    pub const WRITTEN: &'static [Self] =
        &[Self::En, Self::Ar, Self::De, Self::Es, Self::Fr, Self::Pl];

    /// The BCP 47 code, for `<html lang>`, which is also the name of the file in a catalogue.
    pub const fn code(self) -> &'static str {
        self.facts().code
    }

    /// The name in the language itself.
    pub const fn own_name(self) -> &'static str {
        self.facts().own_name
    }

    /// The direction of writing, for `<html dir>`.
    pub const fn direction(self) -> &'static str {
        self.facts().direction
    }

    /// The rule by which a count chooses its form.
    pub const fn rule(self) -> Rule {
        self.facts().rule
    }

    /// The language of a BCP 47 code.
    pub fn from_code(code: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|language| language.code() == code)
    }

    const fn facts(self) -> Facts {
        match self {
            Self::En => facts("en", "English", "ltr", Rule::OneOrMore),
            Self::Ar => facts("ar", "العربية", "rtl", Rule::Arabic),
            Self::De => facts("de", "Deutsch", "ltr", Rule::OneOrMore),
            Self::Es => facts("es", "Español", "ltr", Rule::Spanish),
            Self::Fr => facts("fr", "Français", "ltr", Rule::French),
            Self::Pl => facts("pl", "Polski", "ltr", Rule::Polish),
            // Browsers and tools know these codes for this purpose.
            Self::EnXa => facts("en-XA", "English, longer", "ltr", Rule::OneOrMore),
            Self::ArXb => facts("ar-XB", "English, right to left", "rtl", Rule::Arabic),
        }
    }
}

const fn facts(
    code: &'static str,
    own_name: &'static str,
    direction: &'static str,
    rule: Rule,
) -> Facts {
    Facts {
        code,
        own_name,
        direction,
        rule,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_found_by_its_code_and_knows_its_direction() {
        for language in Language::ALL {
            assert_eq!(Language::from_code(language.code()), Some(*language));
            assert!(["ltr", "rtl"].contains(&language.direction()));
        }
        assert_eq!(Language::from_code("tlh"), None);
        assert_eq!(Language::default(), Language::En);
    }

    #[test]
    fn the_lists_are_in_the_order_of_the_variants() {
        // The rows of a catalogue are found by the number of the variant.
        for (number, language) in Language::ALL.iter().enumerate() {
            assert_eq!(*language as usize, number);
        }
        assert!(Language::ALL.starts_with(Language::WRITTEN));
    }
}
