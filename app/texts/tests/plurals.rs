//! The plural rules agree with ICU, which has them from Unicode CLDR.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use icu_locale_core::Locale;
use icu_plurals::{PluralCategory, PluralRules, PluralRulesOptions};
use latchkey_texts::{Form, Language};

const LARGE: [u32; 14] = [
    1_001,
    1_002,
    1_111,
    10_000,
    100_003,
    999_999,
    1_000_000,
    1_000_001,
    1_000_012,
    2_000_000,
    12_000_000,
    1_000_000_000,
    4_294_000_000,
    u32::MAX,
];

fn counts() -> impl Iterator<Item = u32> {
    (0..=1_000).chain(LARGE)
}

fn icu(language: &str) -> PluralRules {
    let locale: Locale = language.parse().unwrap();
    PluralRules::try_new((&locale).into(), PluralRulesOptions::default()).unwrap()
}

fn form(category: PluralCategory) -> Form {
    match category {
        PluralCategory::Zero => Form::Zero,
        PluralCategory::One => Form::One,
        PluralCategory::Two => Form::Two,
        PluralCategory::Few => Form::Few,
        PluralCategory::Many => Form::Many,
        PluralCategory::Other => Form::Other,
    }
}

#[test]
fn every_count_chooses_the_form_that_icu_chooses() {
    for language in Language::WRITTEN {
        let (icu, rule, language) = (icu(language.code()), language.rule(), language.code());
        for count in counts() {
            let expected = form(icu.category_for(count));
            assert_eq!(rule.form(count), expected, "{language}: {count}");
        }
    }
}

#[test]
fn a_language_needs_the_forms_that_some_count_chooses_and_no_others() {
    for language in Language::WRITTEN {
        let (icu, rule, language) = (icu(language.code()), language.rule(), language.code());
        let mut needed: Vec<_> = counts()
            .map(|count| form(icu.category_for(count)))
            .collect();
        needed.sort();
        needed.dedup();
        assert_eq!(rule.forms(), needed, "{language}");
    }
}
