//! Settings from environment variables: `LATCHKEY__SECTION__KEY=value`.

use std::collections::BTreeMap;

use toml::{Table, Value, value::Datetime};

use super::{Place, Problem, Setting, known::Known};

/// Two underscores, because orchestrators set variables such as `LATCHKEY_PORT` for a service called latchkey.
const PREFIX: &str = "LATCHKEY__";

/// Every variable with the prefix is meant for this program, so an unknown name is a mistake and is refused.
pub(super) fn settings(
    environment: &BTreeMap<String, String>,
    known: &Known,
) -> Vec<Result<Setting, Problem>> {
    let ours = environment
        .iter()
        .filter(|(name, _)| name.starts_with(PREFIX));
    ours.map(|(name, text)| setting(name, text, known))
        .collect()
}

fn setting(name: &str, text: &str, known: &Known) -> Result<Setting, Problem> {
    let problem = |reason: String| Problem {
        place: Place::Variable(name.to_owned()),
        option: None,
        reason,
    };
    let path = name
        .strip_prefix(PREFIX)
        .and_then(|path| path.split_once("__"));
    let Some((section, key)) = path else {
        return Err(problem("must be written LATCHKEY__SECTION__KEY".to_owned()));
    };
    let (section, key) = (section.to_ascii_lowercase(), key.to_ascii_lowercase());
    let value = known
        .key(&section, &key)
        .and_then(|default| parse(text, default))
        .map_err(problem)?;
    let place = Place::Variable(name.to_owned());
    Ok(Setting {
        section,
        key,
        value,
        place,
    })
}

/// Reads a variable's text as the type of the option's default value, because a variable has no type.
fn parse(text: &str, default: &Value) -> Result<Value, String> {
    match default {
        Value::Boolean(_) => switch(text).map(Value::Boolean),
        Value::Integer(_) => number(text).map(Value::Integer),
        Value::Float(_) => decimal(text).map(Value::Float),
        Value::Datetime(_) => moment(text).map(Value::Datetime),
        Value::Array(items) => list(text, items.first()),
        _ => Ok(Value::String(text.to_owned())),
    }
}

fn switch(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("must be `true` or `false`, not `{text}`")),
    }
}

fn number(text: &str) -> Result<i64, String> {
    text.parse()
        .map_err(|error| format!("must be a whole number, not `{text}` ({error})"))
}

fn decimal(text: &str) -> Result<f64, String> {
    text.parse()
        .map_err(|error| format!("must be a number, not `{text}` ({error})"))
}

fn moment(text: &str) -> Result<Datetime, String> {
    text.parse()
        .map_err(|error| format!("must be a date or a time, not `{text}` ({error})"))
}

/// The items have the type of the first default item; without one they are texts.
fn list(text: &str, like: Option<&Value>) -> Result<Value, String> {
    if text.trim_start().starts_with('[') {
        let mut document: Table = toml::from_str(&format!("list = {text}"))
            .map_err(|error| format!("is not a TOML array: {}", error.message()))?;
        return document
            .remove("list")
            .ok_or_else(|| "is not a TOML array".to_owned());
    }
    let items = text
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    let items = items.map(|item| match like {
        Some(like) => parse(item, like),
        None => Ok(Value::from(item)),
    });
    Ok(Value::Array(items.collect::<Result<_, _>>()?))
}
