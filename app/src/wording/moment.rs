//! Words for moments.

use jiff::civil::{Date, Weekday};

use crate::text::Text;

/// A moment within a sentence: "today at 14:02", "on 23 November at 14:02", and the year if it is not this year's.
pub fn phrase(text: Text, date: Date, today: Date, time: &str) -> String {
    if date == today {
        return text.moment_today(time);
    }
    text.moment_on_date(&date_in_words(text, date, today), time)
}

/// "23 November", and the year if it is not this year's.
fn date_in_words(text: Text, date: Date, today: Date) -> String {
    let (day, month) = (day(text, date), month(text, date.month()));
    if date.year() == today.year() {
        text.moment_date(&day, month)
    } else {
        text.moment_date_of_year(&day, month, &date.year().to_string())
    }
}

/// A day as a heading: "Today", "Yesterday", "Tuesday, 24 November", and the year if it is not this year's. `written` is
/// the date in the spelling that the person has chosen, if it is not the spelling of sentences.
pub fn day_heading(text: Text, date: Date, today: Date, written: Option<&str>) -> String {
    if date == today {
        return text.day_today().to_owned();
    }
    if date.tomorrow().ok() == Some(today) {
        return text.day_yesterday().to_owned();
    }
    let date_of = |date: Date| date_in_words(text, date, today);
    let written = written.map_or_else(|| date_of(date), str::to_owned);
    text.day_date(&written, weekday(text, date))
}

fn weekday(text: Text, date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => text.weekday_1(),
        Weekday::Tuesday => text.weekday_2(),
        Weekday::Wednesday => text.weekday_3(),
        Weekday::Thursday => text.weekday_4(),
        Weekday::Friday => text.weekday_5(),
        Weekday::Saturday => text.weekday_6(),
        Weekday::Sunday => text.weekday_7(),
    }
}

/// "23 Nov 2026".
pub fn date_day_first(text: Text, date: Date) -> String {
    let month = short_month(text, date.month());
    text.date_day_first(&day(text, date), month, &date.year().to_string())
}

/// "Nov 23, 2026".
pub fn date_month_first(text: Text, date: Date) -> String {
    let month = short_month(text, date.month());
    text.date_month_first(&day(text, date), month, &date.year().to_string())
}

/// The day of the month; French writes the first as "1er".
fn day(text: Text, date: Date) -> String {
    match date.day() {
        1 => text.day_first().to_owned(),
        day => day.to_string(),
    }
}

/// The short name of a month, counted from one.
fn short_month(text: Text, month: i8) -> &'static str {
    match month {
        1 => text.month_short_1(),
        2 => text.month_short_2(),
        3 => text.month_short_3(),
        4 => text.month_short_4(),
        5 => text.month_short_5(),
        6 => text.month_short_6(),
        7 => text.month_short_7(),
        8 => text.month_short_8(),
        9 => text.month_short_9(),
        10 => text.month_short_10(),
        11 => text.month_short_11(),
        _ => text.month_short_12(),
    }
}

/// The name of a month, counted from one, as it stands in a date.
fn month(text: Text, month: i8) -> &'static str {
    match month {
        1 => text.month_1(),
        2 => text.month_2(),
        3 => text.month_3(),
        4 => text.month_4(),
        5 => text.month_5(),
        6 => text.month_6(),
        7 => text.month_7(),
        8 => text.month_8(),
        9 => text.month_9(),
        10 => text.month_10(),
        11 => text.month_11(),
        _ => text.month_12(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::ToSpan as _;

    use super::*;
    use crate::text::Language;

    #[test]
    fn dates_are_written_as_each_language_writes_them() {
        let date = jiff::civil::date(2026, 3, 1);
        for (language, day_first, month_first) in [
            (Language::En, "1 Mar 2026", "Mar 1, 2026"),
            (Language::De, "1. März 2026", "März 1, 2026"),
            (Language::Fr, "1er mars 2026", "mars 1er, 2026"),
            (Language::Pl, "1 mar 2026", "mar 1, 2026"),
            (Language::Ar, "1 مارس 2026", "مارس 1، 2026"),
        ] {
            let text = Text::new(language);
            assert_eq!(date_day_first(text, date), day_first);
            assert_eq!(date_month_first(text, date), month_first);
        }
    }

    #[test]
    fn each_weekday_has_a_name_of_its_own() {
        let monday = jiff::civil::date(2026, 11, 23);
        let days = monday.series(1.day()).take(7);
        let names: BTreeSet<_> = days.map(|day| weekday(Text::default(), day)).collect();
        assert_eq!(names.len(), 7);
        assert_eq!(weekday(Text::default(), monday), "Monday");
    }

    #[test]
    fn each_month_has_a_name_of_its_own() {
        let names: BTreeSet<_> = (1..=12)
            .map(|number| month(Text::default(), number))
            .collect();
        assert_eq!(names.len(), 12);
        assert_eq!(month(Text::default(), 3), "March");
    }
}
