//! Turns `locales/*.json` into the typed catalogue that `src/text.rs` includes.
//!
//! English says which texts there are. Each becomes a method: without variables it returns
//! `&'static str`, with `{{ variables }}` it takes them and returns a `String`. `key_one` and
//! `key_other` are one text, chosen by `count`. A text that another language lacks, or a variable
//! that English does not have, fails the build.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::Path,
};

/// Text by form ("one", "other"); a text that is not counted has the form "".
type Forms = BTreeMap<String, String>;
type Catalogue = BTreeMap<String, Forms>;
type Failure = Box<dyn Error>;

/// What a language needs besides its texts: code, direction, and the Rust condition on `count`
/// under which its form "one" is right (Unicode CLDR, cardinal rules for whole numbers).
const LANGUAGES: &[(&str, &str, &str)] = &[
    ("ar", "rtl", "count == 1"),
    ("de", "ltr", "count == 1"),
    ("en", "ltr", "count == 1"),
    ("es", "ltr", "count == 1"),
    ("fr", "ltr", "count < 2"),
    ("he", "rtl", "count == 1"),
    ("it", "ltr", "count == 1"),
    ("nl", "ltr", "count == 1"),
    ("pt", "ltr", "count < 2"),
];
const REFERENCE: &str = "en";
const FORMS: &[&str] = &["one", "other"];

fn main() -> Result<(), Failure> {
    println!("cargo:rerun-if-changed=locales");
    println!("cargo:rerun-if-changed=build.rs");
    let mut catalogues = BTreeMap::new();
    for file in fs::read_dir("locales")? {
        let path = file?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let code = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let json = fs::read_to_string(&path)?;
            let catalogue = parse(&json).map_err(|error| format!("{}: {error}", path.display()))?;
            catalogues.insert(code, catalogue);
        }
    }
    let target = Path::new(&env::var("OUT_DIR")?).join("text.rs");
    fs::write(target, generate(&catalogues)?)?;
    Ok(())
}

fn parse(json: &str) -> Result<Catalogue, Failure> {
    let flat: BTreeMap<String, String> = serde_json::from_str(json)?;
    let mut catalogue = Catalogue::new();
    for (key, text) in flat {
        let (name, form) = FORMS
            .iter()
            .find_map(|form| Some((key.strip_suffix(form)?.strip_suffix('_')?, *form)))
            .unwrap_or((&key, ""));
        catalogue
            .entry(name.to_owned())
            .or_default()
            .insert(form.to_owned(), text);
    }
    for (name, forms) in &catalogue {
        if forms.contains_key("") && forms.len() > 1 {
            return Err(format!("`{name}` is both one text and a counted one").into());
        }
        if !forms.contains_key("") && !forms.contains_key("other") {
            return Err(format!("`{name}` has no form `{name}_other`").into());
        }
    }
    Ok(catalogue)
}

fn generate(catalogues: &BTreeMap<String, Catalogue>) -> Result<String, Failure> {
    let reference = catalogues
        .get(REFERENCE)
        .ok_or("locales/en.json is missing")?;
    let mut code = languages(catalogues)?;
    code.push_str("\nimpl Text {\n");
    for (name, forms) in reference {
        method(&mut code, name, forms, catalogues)?;
    }
    code.push_str("}\n");
    for (language, catalogue) in catalogues {
        if let Some(name) = catalogue.keys().find(|name| !reference.contains_key(*name)) {
            return Err(format!("locales/{language}.json: `{name}` is not in en.json").into());
        }
    }
    Ok(code)
}

fn languages(catalogues: &BTreeMap<String, Catalogue>) -> Result<String, Failure> {
    let (mut variants, mut all, mut codes, mut parses, mut directions) = (
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
    );
    for code in catalogues.keys() {
        let (_, direction, _) = facts(code)?;
        let variant = variant(code);
        let default = if code == REFERENCE {
            "    #[default]\n"
        } else {
            ""
        };
        writeln!(variants, "    /// `{code}`\n{default}    {variant},")?;
        write!(all, "Self::{variant}, ")?;
        writeln!(codes, "            Self::{variant} => \"{code}\",")?;
        writeln!(parses, "            \"{code}\" => Some(Self::{variant}),")?;
        writeln!(
            directions,
            "            Self::{variant} => \"{direction}\","
        )?;
    }
    Ok(format!(
        "/// A language with a catalogue.\n\
         #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]\npub enum Language {{\n{variants}}}\n\n\
         impl Language {{\n\
         \x20   /// Every language there is.\n    pub const ALL: &'static [Self] = &[{all}];\n\n\
         \x20   /// The BCP 47 code, for `<html lang>`.\n    pub const fn code(self) -> &'static str {{\n        match self {{\n{codes}        }}\n    }}\n\n\
         \x20   /// The language of a BCP 47 code.\n    pub fn from_code(code: &str) -> Option<Self> {{\n        match code {{\n{parses}            _ => None,\n        }}\n    }}\n\n\
         \x20   /// The direction of writing, for `<html dir>`.\n    pub const fn direction(self) -> &'static str {{\n        match self {{\n{directions}        }}\n    }}\n}}\n"
    ))
}

/// Writes the method of one text.
fn method(
    code: &mut String,
    name: &str,
    forms: &Forms,
    catalogues: &BTreeMap<String, Catalogue>,
) -> Result<(), Failure> {
    let counted = !forms.contains_key("");
    let shown = forms
        .get("")
        .or_else(|| forms.get("other"))
        .map_or("", String::as_str);
    let variables: BTreeSet<String> = forms
        .values()
        .flat_map(|text| split(text).1)
        .filter(|name| name != "count")
        .collect();
    if !counted && forms.values().any(|text| split(text).1.contains("count")) {
        return Err(format!("`{name}` counts, so it needs `{name}_one` and `{name}_other`").into());
    }
    let mut parameters = String::new();
    if counted {
        parameters.push_str(", count: u32");
    }
    for variable in &variables {
        write!(parameters, ", {variable}: &str")?;
    }
    let returns = if parameters.is_empty() {
        "&'static str"
    } else {
        "String"
    };
    writeln!(
        code,
        "    /// {}",
        shown.replace("{{", "`").replace("}}", "`")
    )?;
    writeln!(code, "    pub fn {name}(self{parameters}) -> {returns} {{")?;
    if counted {
        writeln!(code, "        let digits = count.to_string();")?;
    }
    writeln!(code, "        match self.language {{")?;
    for (language, catalogue) in catalogues {
        let place = || format!("locales/{language}.json: `{name}`");
        let forms = catalogue
            .get(name)
            .ok_or_else(|| format!("{} is missing", place()))?;
        if forms.contains_key("") == counted {
            return Err(format!("{} has other forms than in en.json", place()).into());
        }
        let mut known = variables.clone();
        known.extend(counted.then(|| "count".to_owned()));
        for text in forms.values() {
            if let Some(unknown) = split(text)
                .1
                .iter()
                .find(|variable| !known.contains(*variable))
            {
                return Err(format!("{} has the unknown variable `{unknown}`", place()).into());
            }
        }
        writeln!(
            code,
            "            Language::{} => {},",
            variant(language),
            arm(language, forms)?
        )?;
    }
    writeln!(code, "        }}\n    }}\n")?;
    Ok(())
}

/// The expression for one text in one language.
fn arm(language: &str, forms: &Forms) -> Result<String, Failure> {
    if let Some(text) = forms.get("") {
        return Ok(expression(text));
    }
    let other = forms
        .get("other")
        .map(|text| expression(text))
        .unwrap_or_default();
    let Some(one) = forms.get("one") else {
        return Ok(other);
    };
    let (_, _, condition) = facts(language)?;
    Ok(format!(
        "if {condition} {{ {} }} else {{ {other} }}",
        expression(one)
    ))
}

fn expression(text: &str) -> String {
    let (parts, variables) = split(text);
    if variables.is_empty() && parts.len() < 2 {
        return format!("{text:?}");
    }
    let pieces: Vec<String> = parts
        .into_iter()
        .map(|part| match part {
            Part::Literal(literal) => format!("{literal:?}"),
            Part::Variable(name) if name == "count" => "digits.as_str()".to_owned(),
            Part::Variable(name) => name,
        })
        .collect();
    format!("[{}].concat()", pieces.join(", "))
}

enum Part {
    Literal(String),
    Variable(String),
}

/// Cuts a text at its `{{ variables }}`.
fn split(text: &str) -> (Vec<Part>, BTreeSet<String>) {
    let (mut parts, mut variables) = (Vec::new(), BTreeSet::new());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((variable, behind)) = after.split_once("}}") else {
            break;
        };
        if !before.is_empty() {
            parts.push(Part::Literal(before.to_owned()));
        }
        parts.push(Part::Variable(variable.trim().to_owned()));
        variables.insert(variable.trim().to_owned());
        rest = behind;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest.to_owned()));
    }
    (parts, variables)
}

fn facts(code: &str) -> Result<(&'static str, &'static str, &'static str), Failure> {
    let primary = code.split('-').next().unwrap_or(code);
    let found = LANGUAGES.iter().find(|(known, ..)| *known == primary);
    found.copied().ok_or_else(|| {
        format!("locales/{code}.json: add direction and plural rule of `{primary}` to app/build.rs")
            .into()
    })
}

/// `pt-BR` becomes `PtBr`.
fn variant(code: &str) -> String {
    code.split('-')
        .flat_map(|part| {
            let mut letters = part.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first
                .into_iter()
                .chain(letters.map(|letter| letter.to_ascii_lowercase()))
        })
        .collect()
}
