//! An address as people read it, with its place.

use std::{collections::HashMap, net::IpAddr, sync::LazyLock};

use latchkey_core::place;

use super::Visitor;
use crate::{
    text::{Language, Text, text},
    wire::device::{Address, Place},
};

/// Country names by ISO 3166-1 code.
type Countries = HashMap<&'static str, &'static str>;

macro_rules! names {
    ($language:literal) => {{
        static NAMES: LazyLock<Countries> = LazyLock::new(|| {
            let names = include_str!(concat!("../../data/countries/", $language, ".json"));
            serde_json::from_str(names).unwrap_or_default()
        });
        &NAMES
    }};
}

/// The names of countries in a language. A test proves that the files can be read.
fn countries(language: Language) -> &'static Countries {
    match language {
        Language::En | Language::EnXa | Language::ArXb => names!("en"),
        Language::Ar => names!("ar"),
        Language::De => names!("de"),
        Language::Es => names!("es"),
        Language::Fr => names!("fr"),
        Language::Pl => names!("pl"),
    }
}

impl Visitor {
    /// The address as people read it.
    pub(super) fn address(&self, address: IpAddr) -> Address {
        // No file has addresses of the local network.
        let near = || self.core.places.find(address);
        Address {
            text: address.to_string(),
            place: if is_local(address) {
                Some(Place::LocalNetwork)
            } else {
                near().map(|found| Place::Near(name(text(), &found)))
            },
        }
    }
}

fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// "Berlin, Germany", "Germany"; the bare code of a country without a name in this catalogue.
fn name(text: Text, place: &place::Place) -> String {
    let country = countries(text.language()).get(&*place.country).copied();
    let country = country.unwrap_or(&place.country);
    match &place.city {
        Some(city) => text.place_city(city, country),
        None => country.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_the_local_network() {
        for local in [
            "10.1.2.3",
            "192.168.0.9",
            "127.0.0.1",
            "169.254.1.1",
            "::1",
            "fd00::1",
            "fe80::1",
        ] {
            assert!(is_local(local.parse().unwrap()), "{local}");
        }
        for public in ["203.0.113.7", "2001:db8::7", "172.32.0.1"] {
            assert!(!is_local(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn a_place_is_named_as_well_as_it_is_known() {
        let name = |country: &str, city: Option<&str>| {
            let place = place::Place {
                country: country.to_owned(),
                city: city.map(str::to_owned),
            };
            name(Text::default(), &place)
        };
        assert_eq!(name("DE", Some("Berlin")), "Berlin, Germany");
        assert_eq!(name("CI", None), "Côte d’Ivoire");
        assert_eq!(name("QQ", None), "QQ");
    }

    #[test]
    fn every_language_names_every_country() {
        let english = countries(Language::En);
        assert!(english.len() > 250);
        for language in Language::WRITTEN {
            let names = countries(*language);
            for (code, name) in english {
                assert!(names.contains_key(code), "{language:?}: {code}, {name}");
            }
        }
        assert_eq!(countries(Language::De)["PL"], "Polen");
    }

    #[test]
    fn the_local_network_ends_where_its_ranges_end() {
        for (address, expected) in [
            ("9.255.255.255", false),
            ("10.255.255.255", true),
            ("172.15.255.255", false),
            ("172.16.0.0", true),
            ("172.31.255.255", true),
            ("192.167.255.255", false),
            ("192.169.0.0", false),
            ("169.253.255.255", false),
            ("100.64.0.1", false),
            ("fbff::1", false),
            ("fdff::1", true),
            ("febf::1", true),
            ("fec0::1", false),
        ] {
            assert_eq!(is_local(address.parse().unwrap()), expected, "{address}");
        }
    }
}
