use super::*;

const TEXT: Text = Text::new(Language::En);

#[test]
fn a_text_without_variables_is_as_it_stands() {
    assert_eq!(TEXT.log_in_title(), "Log in");
}

#[test]
fn variables_are_filled_in() {
    assert_eq!(
        revoke().title("Firefox on Linux"),
        "Revoke Firefox on Linux?"
    );
    assert_eq!(device().name("Firefox", "Linux"), "Firefox on Linux");
}

#[test]
fn a_value_is_not_searched_for_names() {
    assert_eq!(device().name("{platform}", "{"), "{platform} on {");
}

#[test]
fn a_count_chooses_its_form() {
    assert_eq!(device().active_minutes(1), "Active 1 minute ago");
    assert_eq!(device().active_minutes(5), "Active 5 minutes ago");
    assert_eq!(device().active_minutes(0), "Active 0 minutes ago");
}

#[test]
fn every_language_has_a_text_for_every_count() {
    for language in Language::ALL {
        for count in (0..=120).chain([1_000_000, u32::MAX]) {
            let said = DeviceText(Text::new(*language)).active_minutes(count);
            // Arabic says one and two in words.
            let is_in_words = *language == Language::Ar && matches!(count, 1 | 2);
            let says_count = said.contains(&count.to_string());
            assert!(
                says_count || is_in_words && !said.is_empty(),
                "{language:?}: {said:?}"
            );
        }
    }
}

#[test]
fn the_pseudo_languages_show_that_a_text_comes_from_the_catalogue() {
    let [long, right_to_left] = [Language::EnXa, Language::ArXb].map(Text::new);
    assert_eq!(long.log_in_title(), "[!!! Ŀöĝ îñ ···]");
    assert_eq!(long.home_greeting("Ada"), "[!!! Ĥéļļö, Ada ··· ···]");
    assert_eq!(
        right_to_left.home_greeting("Ada"),
        "\u{202e}Hello,\u{202c} Ada"
    );
    assert_eq!(right_to_left.language().direction(), "rtl");
}

#[test]
fn no_text_has_a_variable_left_or_a_space_too_many() {
    for text in [
        error().busy(1),
        error().too_many_attempts_minutes(2),
        device().name_full("Kitchen", "Firefox on Linux"),
        TEXT.end_revoked_by("Firefox on Linux", "23 Nov 2026"),
    ] {
        assert!(!text.contains('{') && !text.contains('}'), "{text:?}");
        assert!(!text.contains("  ") && text.trim() == text, "{text:?}");
    }
}

#[test]
fn each_counted_text_differs_between_one_and_many() {
    for (one, many) in [
        (device().duration_seconds(1), device().duration_seconds(2)),
        (device().duration_minutes(1), device().duration_minutes(15)),
        (device().duration_hours(1), device().duration_hours(12)),
        (device().duration_days(1), device().duration_days(30)),
    ] {
        assert!(one.starts_with("1 ") && !one.ends_with('s'), "{one:?}");
        assert!(many.ends_with('s'), "{many:?}");
    }
}

#[test]
fn polish_and_arabic_say_counts_in_their_own_forms() {
    let said = |language, count| Text::new(language).home_failures(count, "…");
    for (count, start) in [
        (1, "1 nieudane logowanie "),
        (2, "2 nieudane logowania,"),
        (12, "12 nieudanych logowań,"),
        (22, "22 nieudane logowania,"),
    ] {
        let polish = said(Language::Pl, count);
        assert!(polish.starts_with(start), "{polish}");
    }
    for (count, start) in [
        (1, "محاولة واحدة فاشلة"),
        (2, "محاولتان فاشلتان"),
        (3, "3 محاولات فاشلة"),
        (11, "11 محاولة فاشلة"),
        (103, "103 محاولات فاشلة"),
    ] {
        let arabic = said(Language::Ar, count);
        assert!(arabic.starts_with(start), "{arabic}");
    }
    let polish = DeviceText(Text::new(Language::Pl));
    for (count, expected) in [
        (1, "Aktywne 1 minutę temu"),
        (2, "Aktywne 2 minuty temu"),
        (5, "Aktywne 5 minut temu"),
        (12, "Aktywne 12 minut temu"),
        (21, "Aktywne 21 minut temu"),
        (22, "Aktywne 22 minuty temu"),
    ] {
        assert_eq!(polish.active_minutes(count), expected);
    }
}
