//! Debug mode: how the server makes the pages of the person.

pub use latchkey_words::DebugMode;

/// What the panel of debug mode shows besides the SQL statements. The words are technical names and are not translated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebugFacts {
    /// The debug mode.
    pub mode: DebugMode,
    /// Facts about the session, by their technical names.
    pub session: Vec<(&'static str, String)>,
    /// The rights of the person, by resource.
    pub rights: Vec<DebugRight>,
    /// The settings of sessions that hold for the person.
    pub settings: Vec<DebugSetting>,
}

/// The rights on a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebugRight {
    /// The name of the resource.
    pub resource: String,
    /// What the person may do: `read, write`.
    pub verbs: String,
    /// The record rules that hold for the person, each as `read, write: own (group desk) "Own users"`.
    pub rules: Vec<String>,
}

/// A setting of sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebugSetting {
    /// The name of the setting.
    pub name: &'static str,
    /// The value: `900 s`, `200`, or `none` for no limit.
    pub value: String,
    /// Where the value comes from: `configuration`, or a policy and the value that the configuration has.
    pub source: String,
}
