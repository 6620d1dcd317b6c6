//! Whether two names are the same name, and whether people would mistake one for the other.

use unicode_normalization::UnicodeNormalization as _;
use unicode_security::confusable_detection::skeleton;

/// A name without differences of case, of composed letters, of full-width and other forms, and without
/// invisible characters: close to Unicode's `NFKC_Casefold` (UAX #31).
pub(crate) fn folded(name: &str) -> String {
    // From lower to upper case and back: 'ß' and 'ẞ' become "ss", and both forms of the small sigma become one.
    let folded: String = name
        .nfkd()
        .filter(|letter| !is_invisible(*letter))
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfkc()
        .collect();
    // A Turkish 'İ' has this lower case outside of Turkish.
    folded.replace("i\u{307}", "i")
}

/// The look of a name (Unicode UTS #39, 4): names that people mistake for one another have the same look. 'm'
/// does not look like "rn" here, because Bem and Bern could then not both exist.
pub(crate) fn looks(name: &str) -> String {
    let mut looks = String::with_capacity(name.len());
    for letter in folded(name).chars() {
        match letter {
            'm' => looks.push('m'),
            _ => looks.extend(skeleton(letter.encode_utf8(&mut [0; 4]))),
        }
    }
    looks.nfd().collect()
}

/// Characters that take no space or show nothing (Unicode `Default_Ignorable_Code_Point`, and the blank of
/// Braille), and characters that change the direction of text.
pub(crate) fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_one_however_they_are_written() {
        for (one, other) in [
            ("Ada@Example.com", "ada@example.COM"),
            ("Zo\u{eb}", "ZOE\u{308}"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("straße", "STRASSE"),
            ("STRAẞE", "strasse"),
            ("İSMAİL", "ismail"),
            ("ışık", "IŞIK"),
            ("ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ada@example.com"),
            ("ｱｵｲ", "アオイ"),
            ("한국", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}"),
            ("\u{fefb}", "\u{644}\u{627}"),
            ("\u{fb2e}", "\u{5d0}\u{5b7}"),
            ("ﬁna", "fina"),
            ("ⅷ", "viii"),
            ("ꭰ", "Ꭰ"),
            ("a\u{200b}da\u{feff}", "ada"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        assert_ne!(folded("ada"), folded("adá"));
        assert_ne!(folded("аda"), folded("ada"), "Cyrillic");
    }

    #[test]
    fn names_look_the_same_that_people_take_for_one_another() {
        for (one, other) in [
            ("аdа", "ada"),
            ("db1", "dbl"),
            ("ΑDΑ", "ada"),
            ("օlga", "olga"),
        ] {
            assert_eq!(looks(one), looks(other), "{one} {other}");
        }
        for (one, other) in [
            ("bem", "bern"),
            ("ada", "adá"),
            ("ada1", "ada2"),
            ("a.b", "a-b"),
        ] {
            assert_ne!(looks(one), looks(other), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn folding_is_stable_and_case_and_composition_make_no_difference(name in "\\PC{1,8}") {
            let key = folded(&name);
            prop_assert_eq!(folded(&key), key.clone());
            prop_assert_eq!(folded(&name.nfd().collect::<String>()), key.clone());
            prop_assert_eq!(folded(&name.nfkc().collect::<String>()), key);
        }
    }
}
