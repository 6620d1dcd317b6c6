//! The values that a session keeps for the handlers of its requests.

use std::collections::BTreeMap;

use latchkey_words::DebugMode;
use serde_json::Value;

use crate::{StoreError, company::CompanyId};

/// The largest context, in bytes of JSON. Each request of the session reads the context.
pub const MOST_CONTEXT_BYTES: usize = 8 * 1024;

/// The key, in the table, of the companies that the session works for: an array of ids, the main company first.
pub(super) const COMPANIES: &str = "companies";

/// The key, in the table, of the session's debug mode: a word of [`DebugMode`]. Without the key debug mode is off.
pub(super) const DEBUG: &str = "debug";

/// The keys that belong to the product.
const OWN: [&str; 2] = [COMPANIES, DEBUG];

/// JSON values by key. A module's keys begin with the name of the module and a dot. The keys `companies` and `debug` belong to the
/// product: a value with such a key is not saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context(BTreeMap<String, Value>);

/// The reason why a context was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveContextError {
    /// The context is larger than [`MOST_CONTEXT_BYTES`].
    #[error("the values of a session have {MOST_CONTEXT_BYTES} bytes at most")]
    TooLarge,
    /// A string holds the character NUL, which PostgreSQL cannot store.
    #[error("a value of a session holds the character NUL")]
    HoldsNul,
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The difference between two contexts.
pub(super) struct ContextChange {
    pub removed: Vec<String>,
    pub set: Value,
}

/// What a session has stored.
pub(super) struct StoredContext {
    /// The values of modules.
    pub values: Context,
    /// The companies that the session names, whether or not its user may work for them.
    pub companies: Vec<CompanyId>,
    /// The debug mode, whether or not the session's user may use it.
    pub debug: DebugMode,
}

impl Context {
    /// A context of these values.
    pub fn new(values: BTreeMap<String, Value>) -> Self {
        Self(values)
    }

    /// The values by key.
    pub fn values(&self) -> &BTreeMap<String, Value> {
        &self.0
    }

    /// Takes apart what a session has stored.
    pub(super) fn from_stored(stored: Value) -> StoredContext {
        let mut values = match stored {
            Value::Object(values) => values,
            _ => serde_json::Map::new(),
        };
        let companies = values.remove(COMPANIES);
        let ids = companies.as_ref().and_then(Value::as_array);
        let ids = ids.into_iter().flatten().filter_map(Value::as_str);
        let debug = values.remove(DEBUG);
        let debug = debug.as_ref().and_then(Value::as_str);
        StoredContext {
            companies: ids.filter_map(|id| id.parse().ok()).collect(),
            debug: debug.and_then(|word| word.parse().ok()).unwrap_or_default(),
            values: Self(values.into_iter().collect()),
        }
    }

    /// The change from this context to `next`; `None` if both are equal.
    pub(super) fn change_to(&self, next: &Self) -> Option<ContextChange> {
        let is_gone = |key: &&String| !next.0.contains_key(*key);
        let removed: Vec<String> = self.0.keys().filter(is_gone).cloned().collect();
        let is_new = |(key, value): &(&String, &Value)| self.0.get(*key) != Some(*value);
        let set: serde_json::Map<String, Value> = next
            .0
            .iter()
            .filter(is_new)
            .filter(|(key, _)| !OWN.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        (!removed.is_empty() || !set.is_empty()).then_some(ContextChange {
            removed,
            set: Value::Object(set),
        })
    }

    pub(super) fn check(&self) -> Result<(), SaveContextError> {
        let is_storable =
            |(key, value): (&String, &Value)| !key.contains('\0') && !holds_nul(value);
        if !self.0.iter().all(is_storable) {
            return Err(SaveContextError::HoldsNul);
        }
        let size = serde_json::to_string(&self.0).map_or(usize::MAX, |json| json.len());
        if size > MOST_CONTEXT_BYTES {
            return Err(SaveContextError::TooLarge);
        }
        Ok(())
    }
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(values) => values
            .iter()
            .any(|(key, value)| key.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn context(value: Value) -> Context {
        Context::from_stored(value).values
    }

    #[test]
    fn a_change_names_what_differs_and_nothing_else() {
        let before = context(json!({ "a": 1, "b": [1], "c": null }));
        assert!(before.change_to(&before).is_none());
        let change = before.change_to(&context(json!({ "a": 1, "b": [2], "d": {} })));
        let change = change.unwrap();
        assert_eq!(change.removed, ["c"]);
        assert_eq!(change.set, json!({ "b": [2], "d": {} }));
    }

    #[test]
    fn a_module_neither_sees_nor_sets_a_key_of_the_product() {
        let stored = Context::from_stored(json!({ "a": 1, "companies": [], "debug": "assets" }));
        assert_eq!(stored.debug, DebugMode::Assets);
        assert_eq!(stored.values, context(json!({ "a": 1 })));
        let next = BTreeMap::from([
            ("a".to_owned(), json!(1)),
            ("companies".to_owned(), json!(["x"])),
            ("debug".to_owned(), json!("1")),
        ]);
        assert!(stored.values.change_to(&Context::new(next)).is_none());
        for strange in [json!("2"), json!(1), json!(null)] {
            let stored = Context::from_stored(json!({ "debug": strange }));
            assert_eq!(stored.debug, DebugMode::Off, "{strange}");
        }
    }

    #[test]
    fn what_postgresql_cannot_store_is_refused_before_it_is_asked() {
        for value in [
            json!({ "a\0": 1 }),
            json!({ "a": "\0" }),
            json!({ "a": [{ "b\0": 1 }] }),
        ] {
            let refused = context(value).check();
            assert!(matches!(refused, Err(SaveContextError::HoldsNul)));
        }
        assert!(context(json!({ "a": "\\u0000" })).check().is_ok());
        let most = |bytes: usize| context(json!({ "a": "x".repeat(bytes - r#"{"a":""}"#.len()) }));
        assert!(most(MOST_CONTEXT_BYTES).check().is_ok());
        let refused = most(MOST_CONTEXT_BYTES + 1).check();
        assert!(matches!(refused, Err(SaveContextError::TooLarge)));
    }
}
