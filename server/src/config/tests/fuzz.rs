//! Random files and variables. `cargo xtask fuzz -- CASES` runs them for longer.

use proptest::prelude::*;

use super::*;
use crate::fuzz_cases;

/// A password that no refusal may repeat.
const SECRET: &str = "hunter2";

fn option() -> impl Strategy<Value = (String, String)> {
    let known = toml::Table::try_from(Config::default()).unwrap();
    let names = known.iter().flat_map(|(section, options)| {
        let keys = options.as_table().unwrap().keys();
        keys.map(|key| (section.clone(), key.clone()))
            .collect::<Vec<_>>()
    });
    prop::sample::select(names.collect::<Vec<_>>())
}

/// Right, nearly right and wrong values in TOML.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        (0..100_000_i64).prop_map(|number| number.to_string()),
        any::<bool>().prop_map(|truth| truth.to_string()),
        (
            0..1_000_u32,
            prop::sample::select(vec!["s", "min", "h", "d", "m", ""])
        )
            .prop_map(|(number, unit)| format!("\"{number}{unit}\"")),
        any::<String>().prop_map(|text| toml::Value::String(text).to_string()),
        "[-0-9a-zA-Z.:/\\[\\]@%(){}\"'= \t#,]{0,20}",
    ]
}

fn accepted_or_refused(file: &str, variables: &[(&str, &str)]) -> Result<(), TestCaseError> {
    match load(file, variables) {
        Ok(config) => {
            let printed = config.to_toml().unwrap();
            prop_assert!(!printed.contains(SECRET), "{printed}");
            // Neither a masked secret nor the content of a deleted file can be loaded.
            let again = printed.replace("postgres://***", "");
            prop_assert_eq!(load(&again, &[]).unwrap().to_toml().unwrap(), again);
        }
        Err(error) => {
            let said = error.to_string();
            prop_assert!(!said.contains(SECRET), "{said}");
            prop_assert!(said.lines().count() >= 1);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(fuzz_cases())]

    #[test]
    fn any_file_is_accepted_or_refused(text in any::<String>()) {
        accepted_or_refused(&text, &[])?;
    }

    #[test]
    fn any_value_is_accepted_or_refused((section, key) in option(), value in value()) {
        accepted_or_refused(&format!("[{section}]\n{key} = {value}\n"), &[])?;
    }

    #[test]
    fn any_variable_is_accepted_or_refused((section, key) in option(), value in value()) {
        let name = format!("LATCHKEY__{section}__{key}").to_uppercase();
        accepted_or_refused("", &[(&name, &value)])?;
        accepted_or_refused("", &[(&name, value.trim_matches('"'))])?;
    }

    #[test]
    fn no_refusal_repeats_a_password(before in "[a-z@:/?#%,=&]{0,12}", after in "[a-z@:/?#%,=&]{0,12}") {
        let url = format!("postgres://me:{before}{SECRET}{after}");
        accepted_or_refused("", &[("LATCHKEY__DATABASE__URL", &url)])?;
    }

    #[test]
    fn a_password_with_its_characters_escaped_is_accepted(password in any::<String>()) {
        let escaped: Vec<String> = password.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let escaped = escaped.concat();
        let url = format!("postgres://me:{escaped}@db/postgres");
        let parsed = url.parse::<Dsn>();
        prop_assert!(parsed.is_ok(), "{:?}", parsed.err());
    }
}
