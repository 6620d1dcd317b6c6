//! Words for moments.

use jiff::civil::Date;

use crate::text::Text;

/// A moment within a sentence: "today at 14:02", "on 23 November at 14:02", and the year if it is not this year's.
pub fn phrase(text: Text, date: Date, today: Date, time: &str) -> String {
    if date == today {
        return text.moment_today(time);
    }
    let (day, month) = (date.day().to_string(), month(text, date.month()));
    let date = if date.year() == today.year() {
        text.moment_date(&day, month)
    } else {
        text.moment_date_of_year(&day, month, &date.year().to_string())
    };
    text.moment_on_date(&date, time)
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

    use super::*;

    #[test]
    fn each_month_has_a_name_of_its_own() {
        let names: BTreeSet<_> = (1..=12)
            .map(|number| month(Text::default(), number))
            .collect();
        assert_eq!(names.len(), 12);
        assert_eq!(month(Text::default(), 3), "March");
    }
}
