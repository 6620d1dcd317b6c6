//! The sections of modules, and the modules that are off.

use std::fmt::Write as _;

use latchkey_module::{Builder, Complaints, Module, NoOptions, Registration, Secret, Section};

use super::*;

/// A module with options.
struct Hours;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    from: u8,
    to: u8,
    days: Vec<String>,
    rate: f64,
    ports: Vec<u16>,
    key: Secret,
}

impl Section for Options {
    const DEFAULT: &'static str = r#"
# The hour from which people can log in.
from = 8
# The hour until which people can log in.
to = 18
days = ["Monday"]
rate = 0.5
ports = [80]
key = ""
"#;

    fn validate(&self, complaints: &mut Complaints) {
        complaints.unless(self.from < self.to, "to", "must be later than `from`");
    }
}

impl Module for Hours {
    const NAME: &'static str = "office-hours";
    type Config = Options;

    fn build(_: Options, _: &mut Builder<Self>) -> Self {
        Self
    }
}

/// Modules without options, with names that the server refuses, except the first.
macro_rules! named {
    ($($type:ident $name:literal)*) => {
        $(
            struct $type;

            impl Module for $type {
                const NAME: &'static str = $name;
                type Config = NoOptions;

                fn build(_: NoOptions, _: &mut Builder<Self>) -> Self {
                    Self
                }
            }
        )*
    };
}
named!(Quiet "quiet" Again "office-hours" Section1 "sessions" Unfit "Office Hours");

/// A module whose defaults do not fit the options.
struct Wrong;

#[derive(Serialize, Deserialize)]
struct WrongOptions {
    count: u8,
}

impl Section for WrongOptions {
    const DEFAULT: &'static str = "count = \"many\"";
}

impl Module for Wrong {
    const NAME: &'static str = "wrong";
    type Config = WrongOptions;

    fn build(_: WrongOptions, _: &mut Builder<Self>) -> Self {
        Self
    }
}

fn modules() -> [Registration; 2] {
    [Registration::of::<Hours>(), Registration::of::<Quiet>()]
}

fn with_modules(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let loaded = load_for(&modules(), text, variables);
    loaded.map_err(|error| error.to_string())
}

#[test]
fn a_section_of_a_module_is_checked_like_the_others() {
    for (text, place, words) in [
        ("[office_hours]\nform = 9", 2, "did you mean `from`?"),
        ("[ofice_hours]\nfrom = 9", 1, "did you mean `office_hours`?"),
        ("[office_hours]\nfrom = \"nine\"", 2, "invalid type: string"),
        (
            "[office_hours]\nfrom = 9\nto = 8",
            3,
            "must be later than `from`",
        ),
        ("from = 9", 1, "it belongs under `[office_hours]`"),
        (
            "[modules]\noff = [\"office-ours\"]",
            2,
            "did you mean `office-hours`?",
        ),
        (
            "[modules]\noff = [\"x\"]",
            2,
            "there are office-hours, quiet",
        ),
    ] {
        let refused = with_modules(text, &[]).unwrap_err();
        let lines: Vec<_> = refused.lines().skip(1).collect();
        let [line] = lines.as_slice() else {
            panic!("one problem expected: {refused}");
        };
        assert!(
            line.contains(&format!("latchkey.toml:{place}: ")),
            "{refused}"
        );
        assert!(line.contains(words), "{refused}");
    }
    let refused = with_modules("", &[("LATCHKEY__OFFICE_HOURS__TO", "7")]).unwrap_err();
    assert!(
        refused.contains("LATCHKEY__OFFICE_HOURS__TO: office_hours.to: must be later"),
        "{refused}"
    );
}

#[test]
fn the_values_in_force_are_printed_and_no_secret() {
    let text = "[office_hours]\nto = 20\nkey = \"hunter2\"";
    let variables = [
        ("LATCHKEY__OFFICE_HOURS__DAYS", "Monday,Friday"),
        ("LATCHKEY__OFFICE_HOURS__RATE", "0.25"),
        ("LATCHKEY__OFFICE_HOURS__PORTS", "80, 443"),
    ];
    let config = with_modules(text, &variables).unwrap();
    let printed = config.to_toml().unwrap();
    let words = "[office_hours]\ndays = [\"Monday\", \"Friday\"]\nfrom = 8\nkey = \"***\"\nports = [80, 443]\nrate = 0.25\nto = 20";
    assert!(printed.contains(words), "{printed}");
    let mut debug = String::new();
    write!(debug, "{config:?}").unwrap();
    assert!(
        !debug.contains("hunter2") && debug.contains("office_hours"),
        "{debug}"
    );

    let refused = with_modules("[office_hours]\nkey = 12345", &[]).unwrap_err();
    assert!(
        refused.contains("must be a text in quotes") && !refused.contains("12345"),
        "{refused}"
    );

    let documented = Config::documented(&modules());
    assert!(
        documented.contains("\n[office_hours]\n# The hour from which"),
        "{documented}"
    );
    assert!(!documented.contains("[quiet]"), "{documented}");
    with_modules(&documented, &[]).unwrap();
}

#[test]
fn a_module_is_off_by_configuration_alone() {
    assert_eq!(
        with_modules("", &[])
            .unwrap()
            .build(&modules())
            .unwrap()
            .len(),
        2
    );
    let off = with_modules("", &[("LATCHKEY__MODULES__OFF", "office-hours")]).unwrap();
    assert_eq!(off.build(&modules()).unwrap().len(), 1);
}

#[test]
fn names_that_cannot_be_are_refused_all_at_once() {
    let modules = [
        Registration::of::<Hours>(),
        Registration::of::<Again>(),
        Registration::of::<Section1>(),
        Registration::of::<Unfit>(),
        Registration::of::<Wrong>(),
    ];
    let refused = Config::assemble(None, &BTreeMap::new(), &modules)
        .unwrap_err()
        .to_string();
    for words in [
        "program: module `office-hours`: another module has this name",
        "program: module `sessions`: the name is that of a section",
        "program: module `Office Hours`: the name is not lower-case words",
        "program: module `wrong`: the defaults of its section are wrong",
    ] {
        assert!(refused.contains(words), "{words}: {refused}");
    }
    assert_eq!(refused.lines().count(), 5, "{refused}");
}
