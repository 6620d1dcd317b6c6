//! The texts of a program.

use super::{fill, language::Language};

/// The texts of a program in one language, by number. The generated methods of its catalogue know the numbers.
#[derive(Clone, Copy, Debug)]
pub struct Texts {
    language: Language,
    texts: &'static [&'static str],
}

impl Texts {
    /// The texts of `language` among those of all languages.
    pub fn new(all: &[&'static [&'static str]], language: Language) -> Self {
        let texts = all.get(language as usize).copied().unwrap_or_default();
        Self { language, texts }
    }

    /// A text as it stands.
    pub fn say(self, number: usize) -> &'static str {
        self.texts.get(number).copied().unwrap_or_default()
    }

    /// A text with these values.
    pub fn fill(self, number: usize, values: &[(&str, &str)]) -> String {
        fill(self.say(number), values)
    }

    /// The form of a counted text that the count chooses.
    pub fn count(self, number: usize, count: u32, values: &[(&str, &str)]) -> String {
        let form = self.language.rule().form(count);
        let digits = count.to_string();
        let values = [values, &[("count", &digits)]].concat();
        self.fill(number + form as usize, &values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_chooses_the_form_of_the_language() {
        const POLISH: &[&str] = &["", "{count} plik", "", "{count} pliki", "{count} plików"];
        let all: [&[&str]; 6] = [&[], &[], &[], &[], &[], POLISH];
        let texts = Texts::new(&all, Language::Pl);
        for (count, said) in [(1, "1 plik"), (3, "3 pliki"), (12, "12 plików")] {
            assert_eq!(texts.count(0, count, &[]), said);
        }
        assert_eq!(texts.say(4), "{count} plików");
    }
}
