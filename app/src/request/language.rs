//! The language of a request.

use http::{HeaderMap, header};
use latchkey_core::user::LanguageCode;

use super::{RememberedLanguage, Visitor};
use crate::text::Language;

impl Visitor {
    /// The language of the answer to a request, among those that this server offers. The server asks once and puts the
    /// language into the request, where [`text`](crate::text::text) finds it.
    ///
    /// The language that a person has chosen for the account counts before the browser's cookie, the cookie before the
    /// language of the company, and that before `Accept-Language`. For a person whose account has no language, a language
    /// that the cookie has from another account does not count.
    pub fn language(&self, headers: &HeaderMap) -> Language {
        let offered = self.languages;
        let is_offered = |language: &Language| offered.contains(language);
        let remembered = match (self.remembered.language, self.bearer()) {
            (RememberedLanguage::OfAccount(_), Ok(_)) => None,
            (remembered, _) => remembered.language(),
        };
        self.language_of_account()
            .or(remembered.filter(is_offered))
            .or_else(|| self.language_of_company())
            .or_else(|| accepted(headers, offered))
            .unwrap_or_default()
    }

    /// The language that the person has chosen for the account, if this server offers it.
    pub(super) fn language_of_account(&self) -> Option<Language> {
        let preferences = &self.bearer().ok()?.preferences;
        offered(preferences.language.as_ref()?, self.languages)
    }

    /// The language of the company that the session works for, if this server offers it.
    pub(super) fn language_of_company(&self) -> Option<Language> {
        let company = self.bearer().ok()?.defaults.as_ref()?;
        offered(company.language.as_ref()?, self.languages)
    }
}

/// The language with this code, if it is among those that are offered.
pub(super) fn offered(code: &LanguageCode, offered: &[Language]) -> Option<Language> {
    let language = Language::from_code(code.as_str())?;
    offered.contains(&language).then_some(language)
}

/// The language that the browser prefers (RFC 9110, 12.5.4).
fn accepted(headers: &HeaderMap, offered: &[Language]) -> Option<Language> {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter();
    let mut ranges: Vec<(u16, Language)> = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|range| {
            let (code, weight) = range.split_once(';').unwrap_or((range, ""));
            Some((thousandths(weight)?, find(code.trim(), offered)?))
        })
        .collect();
    // The sort is stable: of two ranges with the same weight the first wins.
    ranges.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    ranges.first().map(|(_, language)| *language)
}

/// The language of a range, also of a wider range: `de-AT` is answered in `de`.
fn find(range: &str, offered: &[Language]) -> Option<Language> {
    let of = |code: &str| {
        let mut offered = offered.iter();
        offered.find(|language| language.code().eq_ignore_ascii_case(code))
    };
    let primary = range.split('-').next()?;
    of(range).or_else(|| of(primary)).copied()
}

/// The weight of a range in thousandths; `None` if the range is refused or malformed.
fn thousandths(parameter: &str) -> Option<u16> {
    if parameter.trim().is_empty() {
        return Some(1_000);
    }
    let weight = parameter
        .trim()
        .strip_prefix(['q', 'Q'])?
        .strip_prefix('=')?;
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = format!("{whole}{fraction:0<3}");
    let is_number = digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_digit());
    let weight = digits.parse().ok().filter(|_| is_number)?;
    (1..=1_000).contains(&weight).then_some(weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str, offered: &[Language]) -> &'static str {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, line.parse().unwrap());
        accepted(&headers, offered).unwrap_or_default().code()
    }

    #[test]
    fn the_language_with_the_greatest_weight_wins() {
        for (accepted, expected) in [
            ("en-XA", "en-XA"),
            ("EN-xa", "en-XA"),
            ("tlh, en-XA;q=0.5", "en-XA"),
            ("en-XA;q=0.5, ar-XB;q=0.51", "ar-XB"),
            ("ar-XB ; q=1, en-XA", "ar-XB"),
            ("en-XA;q=0, ar-XB;q=0.001", "ar-XB"),
            ("en-XA;q=0", "en"),
            ("en-XA;q=1.5", "en"),
            ("en-XA;q=x", "en"),
            ("en-XA;level=1", "en"),
            ("en-XA;q=0.1234", "en"),
            ("*", "en"),
            ("", "en"),
        ] {
            assert_eq!(of(accepted, Language::ALL), expected, "{accepted:?}");
        }
        assert_eq!(accepted(&HeaderMap::new(), Language::ALL), None);
    }

    #[test]
    fn a_region_is_answered_in_its_language() {
        assert_eq!(of("en-GB, en-XA;q=0.9", Language::ALL), "en");
        assert_eq!(find("en-US", Language::WRITTEN), Some(Language::En));
        assert_eq!(find("eng", Language::WRITTEN), None);
    }

    #[test]
    fn a_pseudo_language_is_offered_on_demand_only() {
        assert_eq!(of("ar-XB", Language::WRITTEN), "ar");
        assert_eq!(of("en-XA", Language::WRITTEN), "en");
    }
}
