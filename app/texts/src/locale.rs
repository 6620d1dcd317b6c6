//! The language of a person at a terminal, by the variables of the environment.
//!
//! The order is that of POSIX (<https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html>), and
//! `LANGUAGE` is a list of languages as gettext reads it
//! (<https://www.gnu.org/software/gettext/manual/html_node/Locale-Environment-Variables.html>).

use super::language::Language;

/// The variables that name the locale of messages. The first that is not empty decides.
const LOCALE: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

/// The list of languages, the preferred first. The list counts only in a locale that is not `C`.
const LIST: &str = "LANGUAGE";

/// The language that the variables ask for. English, if they ask for none or for a language that the product lacks.
pub fn language(variable: impl Fn(&str) -> Option<String>) -> Language {
    let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
    let Some(locale) = LOCALE.iter().find_map(set) else {
        return Language::default();
    };
    if is_c(&locale) || !is_utf_8(&locale) {
        return Language::default();
    }
    let list = set(&LIST).unwrap_or(locale);
    let asked = list.split(':').filter(|name| !name.is_empty());
    asked.map(find).find_map(|found| found).unwrap_or_default()
}

/// The language of a locale such as `de_AT.UTF-8`, `es` or `C`.
fn find(locale: &str) -> Option<Language> {
    if is_c(locale) {
        return Some(Language::default());
    }
    let end = locale.find(['_', '.', '@']).unwrap_or(locale.len());
    let code = locale.get(..end).unwrap_or_default();
    let mut written = Language::WRITTEN.iter().copied();
    written.find(|language| language.code() == code)
}

/// Whether the locale is that of programs: `C`, `C.UTF-8`, or by its other name `POSIX`.
fn is_c(locale: &str) -> bool {
    let name = locale.split('.').next();
    matches!(name, Some("C" | "POSIX"))
}

/// Whether the terminal can show UTF-8. A locale that names no encoding is trusted.
fn is_utf_8(locale: &str) -> bool {
    let Some((_, encoding)) = locale.split_once('.') else {
        return true;
    };
    let encoding = encoding.split('@').next().unwrap_or_default();
    ["utf-8", "utf8"].contains(&encoding.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> &'static str {
        let variable = |name: &str| {
            let mut all = variables.iter();
            let found = all.find(|(known, _)| *known == name)?;
            Some(found.1.to_owned())
        };
        language(variable).code()
    }

    #[test]
    fn a_locale_names_its_language() {
        for (locale, code) in [
            ("de_AT.UTF-8", "de"),
            ("fr_CA.utf8", "fr"),
            ("es", "es"),
            ("ar_EG", "ar"),
            ("pl_PL.UTF-8@euro", "pl"),
            ("en_GB.UTF-8", "en"),
            ("C", "en"),
            ("C.UTF-8", "en"),
            ("POSIX", "en"),
            ("tlh_KL.UTF-8", "en"),
            ("deu_DE.UTF-8", "en"),
            ("", "en"),
        ] {
            assert_eq!(of(&[("LANG", locale)]), code, "{locale:?}");
        }
        assert_eq!(of(&[]), "en");
    }

    #[test]
    fn the_first_variable_that_is_not_empty_decides() {
        let [all, messages, lang] = [("LC_ALL", "de"), ("LC_MESSAGES", "fr"), ("LANG", "es")];
        assert_eq!(of(&[lang, messages, all]), "de");
        assert_eq!(of(&[lang, messages]), "fr");
        assert_eq!(of(&[lang, messages, ("LC_ALL", "")]), "fr");
        assert_eq!(of(&[lang, ("LC_MESSAGES", "")]), "es");
        assert_eq!(of(&[lang, messages, ("LC_ALL", "C")]), "en");
        assert_eq!(of(&[lang, ("LC_CTYPE", "de")]), "es");
    }

    #[test]
    fn the_list_of_languages_counts_in_every_locale_but_c() {
        let list = ("LANGUAGE", "tlh:pl_PL:de");
        assert_eq!(of(&[list, ("LANG", "fr_FR.UTF-8")]), "pl");
        assert_eq!(of(&[("LANGUAGE", ""), ("LANG", "fr")]), "fr");
        assert_eq!(of(&[("LANGUAGE", "tlh:eo"), ("LANG", "fr")]), "en");
        assert_eq!(of(&[("LANGUAGE", "C:de"), ("LANG", "fr")]), "en");
        for ignored in [("LANG", "C"), ("LC_ALL", "POSIX"), ("LANG", "C.UTF-8")] {
            assert_eq!(of(&[list, ignored]), "en", "{ignored:?}");
        }
        assert_eq!(of(&[list]), "en", "no locale is the locale C");
    }

    #[test]
    fn a_terminal_of_another_encoding_gets_english_which_it_can_show() {
        assert_eq!(of(&[("LANG", "de_DE.ISO-8859-15@euro")]), "en");
        assert_eq!(
            of(&[("LANG", "pl_PL.ISO-8859-2"), ("LANGUAGE", "pl")]),
            "en"
        );
        assert_eq!(of(&[("LANG", "de_DE@euro")]), "de");
    }
}
