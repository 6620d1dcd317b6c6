//! The configuration as a whole: the sources of values, and the agreement of the documentation with the types.

use std::{env, fs, process};

use super::*;

mod fuzz;
mod modules;
mod refusals;
mod rules;
mod secrets;

fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    load_for(&[], text, variables)
}

/// The configuration of a program with these modules.
fn load_for(
    modules: &[Registration],
    text: &str,
    variables: &[(&str, &str)],
) -> Result<Config, ConfigError> {
    let file = ConfigFile {
        path: PathBuf::from("latchkey.toml"),
        text: text.to_owned(),
    };
    let owned = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::assemble(Some(&file), &owned.collect(), modules)
}

fn refusal(text: &str, variables: &[(&str, &str)]) -> String {
    match load(text, variables) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// Asserts that the only problem is at `place` and that its text contains `words`.
#[track_caller]
fn assert_refused(text: &str, variables: &[(&str, &str)], place: &str, words: &str) {
    let refusal = refusal(text, variables);
    let lines: Vec<_> = refusal.lines().skip(1).collect();
    let [line] = lines.as_slice() else {
        panic!("one problem expected: {refusal}")
    };
    assert!(line.trim().starts_with(&format!("{place}: ")), "{refusal}");
    assert!(line.contains(words), "{refusal}");
}

/// A file that is removed when the test ends.
struct SecretFile(PathBuf);

impl SecretFile {
    fn new(name: &str, content: &str) -> Self {
        let path = env::temp_dir().join(format!("latchkey-config-{}-{name}", process::id()));
        fs::write(&path, content).unwrap();
        Self(path)
    }

    fn name(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for SecretFile {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

#[test]
fn the_configured_defaults_are_those_of_the_core() {
    assert_eq!(
        format!("{:?}", Config::default().settings()),
        format!("{:?}", CoreSettings::default())
    );
}

#[test]
fn the_documented_default_is_the_default() {
    let documented = load(DEFAULT_TOML, &[]).unwrap().to_toml().unwrap();
    assert_eq!(documented, Config::default().to_toml().unwrap());
}

#[test]
fn the_default_file_and_the_manual_name_every_option_and_variable() {
    let manual = include_str!("../../../docs/configuration.md");
    let known = toml::Table::try_from(Config::default()).unwrap();
    let documented: toml::Table = toml::from_str(DEFAULT_TOML).unwrap();
    assert_eq!(known, documented);
    for (section, options) in &known {
        for key in options.as_table().unwrap().keys() {
            let variable = format!("LATCHKEY__{section}__{key}").to_uppercase();
            assert!(
                DEFAULT_TOML.contains(&format!("# Environment: {variable}\n{key} = ")),
                "{variable}"
            );
            assert!(manual.contains(&format!("`{variable}`")), "{variable}");
        }
    }
}

#[test]
fn the_printed_configuration_loads_again() {
    let text = r#"
        [server]
        address = "0.0.0.0:80"
        base_url = "https://Latchkey.example.com:443"
        trusted_proxies = ["10.0.0.1", "fd00::/8"]
        [database]
        filter = "^%d$"
        [sessions]
        idle_timeout = "60min"
        absolute_timeout = "none"
        [log]
        format = "json"
    "#;
    let printed = load(text, &[]).unwrap().to_toml().unwrap();
    assert_eq!(load(&printed, &[]).unwrap().to_toml().unwrap(), printed);
    for line in [
        "base_url = \"https://latchkey.example.com\"",
        "trusted_proxies = [\"10.0.0.1/32\", \"fd00::/8\"]",
        "idle_timeout = \"1h\"",
        "absolute_timeout = \"none\"",
        "format = \"json\"",
        "# LATCHKEY_DATA=./data",
    ] {
        assert!(
            printed.lines().any(|printed| printed == line),
            "{line} in {printed}"
        );
    }
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_default() {
    let file = "[sessions]\nidle_timeout = \"1h\"\nabsolute_timeout = \"2d\"";
    let config = load(file, &[("LATCHKEY__SESSIONS__IDLE_TIMEOUT", "30min")]).unwrap();
    assert_eq!(config.sessions.idle_timeout, Timeout::from_secs(1_800));
    assert_eq!(
        config.sessions.absolute_timeout,
        Some(Timeout::from_secs(172_800))
    );
    assert_eq!(config.passwords.min_length, 15);
}

#[test]
fn variables_hold_every_type_of_option() {
    let config = load(
        "",
        &[
            ("LATCHKEY__SERVER__ADDRESS", "[::1]:9000"),
            (
                "LATCHKEY__SERVER__TRUSTED_PROXIES",
                "10.0.0.1, 192.168.0.0/16",
            ),
            ("LATCHKEY__DATABASE__LIST", "false"),
            ("LATCHKEY__PASSWORDS__MEMORY", "65536"),
            ("LATCHKEY__LOG__FORMAT", "json"),
            ("LATCHKEY_PORT", "tcp://10.0.0.1:8069"),
            ("PATH", "/bin"),
        ],
    )
    .unwrap();
    assert_eq!(config.server.address.to_string(), "[::1]:9000");
    assert!(config.server.trusted_proxies.trust([192, 168, 1, 1].into()));
    assert!(!config.database.list);
    assert_eq!(config.passwords.memory, 65_536);
    assert_eq!(config.log.format, LogFormat::Json);

    let array = load(
        "",
        &[("LATCHKEY__SERVER__TRUSTED_PROXIES", r#"["10.0.0.1"]"#)],
    )
    .unwrap();
    assert!(array.server.trusted_proxies.trust([10, 0, 0, 1].into()));
    let empty = load(
        "[server]\ntrusted_proxies = ['10.0.0.1']",
        &[("LATCHKEY__SERVER__TRUSTED_PROXIES", "")],
    )
    .unwrap();
    assert!(!empty.server.trusted_proxies.trust([10, 0, 0, 1].into()));
}

#[test]
fn the_data_directory_comes_from_its_variable() {
    assert_eq!(load("", &[]).unwrap().data_directory(), Path::new("./data"));
    let set = load("", &[("LATCHKEY_DATA", "/srv/latchkey")]).unwrap();
    assert_eq!(set.data_directory(), Path::new("/srv/latchkey"));
    let line = "latchkey.toml:1";
    assert_refused(
        "data_directory = '/x'",
        &[],
        line,
        "unknown section `data_directory`",
    );
}

#[test]
fn load_reads_the_named_file_and_the_argument_wins_over_the_variable() {
    let one = SecretFile::new("one.toml", "[passwords]\nmin_length = 20");
    let two = SecretFile::new("two.toml", "[passwords]\nmin_length = 30");
    let variable = || [("LATCHKEY_CONFIG".to_owned(), one.name().to_owned())].into_iter();
    assert_eq!(
        Config::load(None, variable(), &[])
            .unwrap()
            .passwords
            .min_length,
        20
    );
    assert_eq!(
        Config::load(Some(&two.0), variable(), &[])
            .unwrap()
            .passwords
            .min_length,
        30
    );
    let missing = Config::load(
        Some(Path::new("/nonexistent/latchkey.toml")),
        variable(),
        &[],
    );
    assert!(matches!(missing, Err(ConfigError::Unreadable { .. })));
}
