//! The words and phrases that are refused, each with what to write instead.

/// A phrase, and what to write instead.
#[derive(Debug)]
pub(super) struct Rule {
    /// The name in the baseline.
    pub(super) name: &'static str,
    /// A regular expression.
    pub(super) pattern: &'static str,
    pub(super) instead: &'static str,
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "whoever",
        pattern: r"(?i)\b(whoever|whomever)\b",
        instead: "name the person: the user, the visitor, the administrator",
    },
    Rule {
        name: "nobody",
        pattern: r"(?i)\b(nobody|somebody|everybody)\b",
        instead: "name the person: no user, another visitor, every user",
    },
    Rule {
        name: "sign in",
        pattern: r"(?i)\bsign(s|ed|ing)?[ -](in|out)s?\b|\w*signed_?(in|out)\b",
        instead: "the product says log in and log out",
    },
    Rule {
        name: "put off",
        pattern: r"(?i)\b(put|puts|putting)( (it|them|the end))? off\b",
        instead: "write postpone",
    },
    Rule {
        name: "one that",
        pattern: r"(?i)\bones? (that|which|who|whose)\b",
        instead: "name the thing: the cookie that …, a request that …",
    },
];
