//! The plural rules of Unicode CLDR, for whole numbers.

/// A form of a counted text, as CLDR names the forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// `zero`
    Zero,
    /// `one`
    One,
    /// `two`
    Two,
    /// `few`
    Few,
    /// `many`
    Many,
    /// `other`
    Other,
}

impl Form {
    /// Every form, in the order of its places in the catalogue.
    pub const ALL: [Self; 6] = [
        Self::Zero,
        Self::One,
        Self::Two,
        Self::Few,
        Self::Many,
        Self::Other,
    ];

    /// The name of the form, which ends the key of a text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::One => "one",
            Self::Two => "two",
            Self::Few => "few",
            Self::Many => "many",
            Self::Other => "other",
        }
    }
}

/// The rule by which a count chooses its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// English and German.
    OneOrMore,
    /// Spanish.
    Spanish,
    /// French.
    French,
    /// Arabic.
    Arabic,
    /// Polish.
    Polish,
}

impl Rule {
    /// The form for a count.
    #[expect(clippy::match_same_arms, reason = "each language stands together")]
    pub const fn form(self, count: u32) -> Form {
        let millions = count != 0 && count.is_multiple_of(1_000_000);
        let (tens, hundreds) = (count % 10, count % 100);
        match self {
            Self::OneOrMore | Self::Spanish if count == 1 => Form::One,
            Self::French if count < 2 => Form::One,
            Self::Spanish | Self::French if millions => Form::Many,
            Self::Arabic if count == 0 => Form::Zero,
            Self::Arabic if count == 1 => Form::One,
            Self::Arabic if count == 2 => Form::Two,
            Self::Arabic if hundreds >= 3 && hundreds <= 10 => Form::Few,
            Self::Arabic if hundreds >= 11 => Form::Many,

            Self::Polish if count == 1 => Form::One,
            Self::Polish if tens >= 2 && tens <= 4 && (hundreds < 12 || hundreds > 14) => Form::Few,
            Self::Polish => Form::Many,

            Self::OneOrMore | Self::Spanish | Self::French | Self::Arabic => Form::Other,
        }
    }

    /// The forms that a counted text needs: those that a whole number can choose.
    pub const fn forms(self) -> &'static [Form] {
        match self {
            Self::OneOrMore => &[Form::One, Form::Other],
            Self::Spanish | Self::French => &[Form::One, Form::Many, Form::Other],
            Self::Arabic => &Form::ALL,
            Self::Polish => &[Form::One, Form::Few, Form::Many],
        }
    }
}
