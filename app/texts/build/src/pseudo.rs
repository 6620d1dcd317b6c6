//! Pseudo-languages: English that shows what a translation would break.

use latchkey_texts::{Language, Rule};

use super::catalogue::{Catalogue, Message, Part, split};

/// How a pseudo-language changes English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `[!!! Ŀöĝ îñ ···]`: other letters, and two fifths longer.
    Long,
    /// Each word is written from right to left, by characters that override its direction (UAX #9).
    RightToLeft,
}

/// The languages that the build makes from English, for tests.
pub fn languages() -> [(Language, Style); 2] {
    [
        (Language::EnXa, Style::Long),
        (Language::ArXb, Style::RightToLeft),
    ]
}

/// The share of English by which a long text is padded: two fifths.
const SHARE: (usize, usize) = (2, 5);
const PADDING: &str = " ···";
const OVERRIDE: char = '\u{202e}';
const END_OF_OVERRIDE: char = '\u{202c}';

/// The catalogue in a pseudo-language. A form that English lacks is made from the form "other".
pub fn translate(english: &Catalogue, style: Style, rule: Rule) -> Catalogue {
    let translated = |message: &Message| match message {
        Message::Plain(text) => Message::Plain(style.text(text)),
        Message::Counted(forms) => Message::Counted(
            rule.forms()
                .iter()
                .filter_map(|form| {
                    let text = forms.get(form).or_else(|| forms.values().next_back())?;
                    Some((*form, style.text(text)))
                })
                .collect(),
        ),
    };
    Catalogue(
        english
            .0
            .iter()
            .map(|(key, message)| (key.clone(), translated(message)))
            .collect(),
    )
}

impl Style {
    fn text(self, english: &str) -> String {
        let changed: String = split(english)
            .into_iter()
            .map(|part| match part {
                Part::Variable(name) => format!("{{{{ {name} }}}}"),
                Part::Literal(words) if self == Self::Long => words.chars().map(accented).collect(),
                Part::Literal(words) => right_to_left(&words),
            })
            .collect();
        match self {
            Self::Long => padded(&changed),
            Self::RightToLeft => changed,
        }
    }
}

fn padded(text: &str) -> String {
    let (numerator, denominator) = SHARE;
    let missing = text.chars().count() * numerator / denominator;
    let padding = PADDING.repeat(missing.div_ceil(PADDING.chars().count()).max(1));
    format!("[!!! {text}{padding}]")
}

fn right_to_left(text: &str) -> String {
    let mut written = String::new();
    let mut is_in_word = false;
    for character in text.chars() {
        if is_in_word == character.is_whitespace() {
            written.push(if is_in_word {
                END_OF_OVERRIDE
            } else {
                OVERRIDE
            });
            is_in_word = !is_in_word;
        }
        written.push(character);
    }
    if is_in_word {
        written.push(END_OF_OVERRIDE);
    }
    written
}

fn accented(letter: char) -> char {
    const PLAIN: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const ACCENTED: &str = "ÅƁÇÐÉƑĜĤÎĴĶĿṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž";
    let place = PLAIN.chars().position(|plain| plain == letter);
    place
        .and_then(|place| ACCENTED.chars().nth(place))
        .unwrap_or(letter)
}
