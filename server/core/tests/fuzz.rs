//! Agents of browsers and names of devices are parsed from random input. `cargo xtask fuzz -- CASES` runs more cases.

use std::sync::OnceLock;

use latchkey_core::{
    client::Agent,
    device::Devices,
    device::{DeviceName, MOST_CHARACTERS},
};
use proptest::prelude::*;

/// The number of cases: some thousands, unless a variable sets another number.
fn cases() -> ProptestConfig {
    let asked = ProptestConfig::default();
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => asked,
        None => ProptestConfig {
            cases: 2_000,
            ..asked
        },
    }
}

fn agent() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "Mozilla/5.0 ",
            "(X11; Linux x86_64; rv:141.0) ",
            "(iPhone; CPU iPhone OS 18_5 like Mac OS X) ",
            "(Linux; Android 15; Pixel 9) ",
            "AppleWebKit/605.1.15 ",
            "Chrome/139.0.0.0 ",
            "Firefox/141.0 ",
            "Version/18.5 ",
            "Mobile/15E148 ",
            "Safari/604.1 ",
            "Edg/139.0 ",
            "CriOS/139.0 ",
            "; ",
            "bot ",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        "\\PC{0,8}[0-9./;() ]{0,8}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn devices() -> &'static Devices {
    static DEVICES: OnceLock<Devices> = OnceLock::new();
    DEVICES.get_or_init(Devices::default)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn an_agent_is_short_and_harmless(bytes in agent()) {
        let agent = Agent::from_header(&bytes);
        prop_assert!(agent.as_str().len() <= 512);
        prop_assert!(!agent.as_str().chars().any(char::is_control));
        prop_assert_eq!(Agent::from_header(agent.as_str().as_bytes()), agent);
    }

    #[test]
    fn a_device_is_named_by_what_its_agent_says(bytes in agent()) {
        let agent = Agent::from_header(&bytes);
        let device = devices().recognise(&agent);
        prop_assert_eq!(&device, &Devices::recognise(devices(), &agent));
        for name in [&device.browser, &device.browser_version, &device.platform].into_iter().flatten() {
            prop_assert!(!name.is_empty() && name.len() <= 512, "{name:?}");
            prop_assert!(!name.chars().any(char::is_control), "{name:?}");
        }
        prop_assert!(device.browser.is_some() || device.browser_version.is_none());
    }

    #[test]
    fn a_name_that_was_taken_is_taken_again(typed in any::<String>()) {
        if let Ok(Some(name)) = DeviceName::from_typed(&typed) {
            let text = name.as_str();
            prop_assert!(!text.is_empty() && text.chars().count() <= MOST_CHARACTERS);
            prop_assert!(!text.chars().any(char::is_control) && text.trim() == text && !text.contains("  "));
            prop_assert_eq!(DeviceName::from_typed(text).unwrap(), Some(name));
        }
    }
}
