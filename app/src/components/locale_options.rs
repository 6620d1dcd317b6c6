//! The options of lists of languages and of time zones.

use leptos::prelude::*;

use crate::{
    wire::profile::{LanguageChoice, ZoneGroup},
    wording,
};

/// An option of a list; `chosen` is the value of the chosen one.
pub fn option(value: String, label: String, chosen: &str) -> impl IntoView + use<> {
    let selected = value == chosen;
    view! { <option value=value selected=selected>{label}</option> }
}

/// The languages after the option without a choice, whose value is empty.
pub fn languages(
    without_choice: String,
    languages: Vec<LanguageChoice>,
    chosen: &str,
) -> impl IntoView + use<> {
    let languages = languages.into_iter().map(|LanguageChoice { code, name }| {
        let selected = code == chosen;
        view! { <option value=code.clone() lang=code selected=selected>{name}</option> }
    });
    (
        option(String::new(), without_choice, chosen),
        languages.collect_view(),
    )
}

/// The zones by region, after the option without a choice, whose value is empty.
pub fn zones(
    without_choice: String,
    groups: Vec<ZoneGroup>,
    chosen: &str,
) -> impl IntoView + use<> {
    // A zone by an old name, which the list lacks, stays chosen.
    let is_listed = groups
        .iter()
        .flat_map(|group| &group.zones)
        .any(|zone| zone.name == chosen);
    let further = (!is_listed && !chosen.is_empty() && chosen != "UTC")
        .then(|| option(chosen.to_owned(), wording::city(chosen), chosen));
    let groups = groups.into_iter().map(|group| {
        let zones = group.zones.into_iter();
        let zones = zones
            .map(|zone| option(zone.name, zone.city, chosen))
            .collect_view();
        view! { <optgroup label=group.region>{zones}</optgroup> }
    });
    let groups = groups.collect_view();
    (
        option(String::new(), without_choice, chosen),
        further,
        option("UTC".to_owned(), "UTC".to_owned(), chosen),
        groups,
    )
}
