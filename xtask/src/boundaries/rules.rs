//! The rules for the content of source files.

/// The kind of text that a rule checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Rust without comments and unit tests.
    Code,
    /// Rust with comments and unit tests.
    Rust,
    /// CSS without comments.
    Style,
    /// Any text file.
    Any,
}

/// A pattern, the files where it is forbidden, and the reason.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) kind: Kind,
    /// A regular expression.
    pub(super) pattern: &'static str,
    /// The checked folders or files; empty for all.
    pub(super) within: &'static [&'static str],
    /// Folders or files where the pattern is permitted.
    pub(super) except: &'static [&'static str],
    pub(super) because: &'static str,
}

const PRODUCT: &[&str] = &["app/", "frontend/", "server/"];

pub(super) const RULES: &[Rule] = &[
    // Only one store has the SQL of each table.
    Rule {
        kind: Kind::Code,
        pattern: r"(?i)\b(from|into|update|join)\s+(sessions|session_tokens|superseded_tokens)\b",
        within: &["server/"],
        except: &[
            "server/core/src/session/store.rs",
            "server/core/src/session/store/",
        ],
        because: "only session/store.rs and its folder name the tables of sessions and their tokens",
    },
    Rule {
        kind: Kind::Code,
        pattern: r"(?i)\b(from|into|update)\s+(users|passwords)\b",
        within: &["server/"],
        except: &["server/core/src/user/store.rs"],
        because: "only user/store.rs names the tables of users and passwords",
    },
    Rule {
        kind: Kind::Code,
        pattern: r"(?i)\bjoin\s+(users|passwords)\b",
        within: &["server/"],
        // One query authenticates a request, from its token to its user.
        except: &[
            "server/core/src/user/store.rs",
            "server/core/src/session/store.rs",
            "server/core/src/session/store/",
            // One query of a log-in looks up the user and the throttles.
            "server/core/src/attempt/store/",
        ],
        because: "only user/store.rs, and what authenticates in session/ and attempt/, join the tables of users and passwords",
    },
    Rule {
        kind: Kind::Code,
        pattern: r"(?i)\b(from|into|update|join)\s+(log_in_attempts|throttles|known_networks|log_in_codes)\b",
        within: &["server/"],
        except: &[
            "server/core/src/attempt/store.rs",
            "server/core/src/attempt/store/",
        ],
        because: "only attempt/store.rs and its folder name the tables of attempts, throttles, known networks and log-in codes",
    },
    Rule {
        kind: Kind::Code,
        pattern: r"(?i)\b(from|into|update|join)\s+known_devices\b",
        within: &["server/"],
        // One statement of a log-in looks a device up, or makes it known, together with the counters. The list of sessions
        // says since when each device is known, without a statement of its own for that.
        except: &[
            "server/core/src/device/store.rs",
            "server/core/src/attempt/store/",
            "server/core/src/session/store/lists.rs",
        ],
        because: "only device/store.rs, the statements of a log-in in attempt/store/, and the list of sessions name the table of known devices",
    },
    Rule {
        kind: Kind::Code,
        pattern: r"(?i)\b(from|into|update|join)\s+(password_changes|account_events)\b",
        within: &["server/"],
        except: &[
            "server/core/src/activity/store.rs",
            "server/core/src/activity/store/",
        ],
        because: "only activity/store.rs and its folder name the tables of password changes and account events",
    },
    Rule {
        kind: Kind::Code,
        pattern: r"(?i)\b(from|into|update|join)\s+audit_entries\b",
        within: &["server/"],
        except: &["server/core/src/audit/store.rs"],
        because: "only audit/store.rs names the table of audit entries",
    },
    // Time and randomness come in as parameters.
    Rule {
        kind: Kind::Code,
        pattern: r"\bOffsetDateTime::now_|\bUtcDateTime::now\b|\bSystemTime::now\b|\bTimestamp::now\b|\bZoned::now\b",
        within: PRODUCT,
        except: &["server/core/src/clock.rs", "server/bench/"],
        because: "take the time from the clock that was passed in (server/core/src/clock.rs)",
    },
    Rule {
        kind: Kind::Code,
        pattern: r"\brand::|\bgetrandom::|\bUuid::(now_v7|new_v4)\b",
        within: PRODUCT,
        except: &["server/core/src/random.rs", "server/bench/"],
        because: "take randomness from server/core/src/random.rs",
    },
    Rule {
        kind: Kind::Rust,
        pattern: r"#!?\[allow\(",
        within: &[],
        except: &[],
        because: "use #[expect(lint, reason = \"…\")]: it complains when it is no longer needed",
    },
    // Colours and sizes are decided in one file.
    Rule {
        kind: Kind::Style,
        pattern: r"(?i)#[0-9a-f]{3,8}\b|\b(rgba?|hsla?|hwb|oklch|oklab|lch|lab)\(",
        within: &["style/"],
        except: &["style/tokens.css"],
        because: "colours are tokens (style/tokens.css)",
    },
    Rule {
        kind: Kind::Style,
        pattern: r"(?i)\b[0-9]+px\b",
        within: &["style/"],
        except: &["style/tokens.css"],
        because: "sizes are tokens or relative units (style/tokens.css)",
    },
    Rule {
        kind: Kind::Style,
        pattern: r"(?i)\b(left|right)\b",
        within: &["style/"],
        except: &[],
        because: "a page may be written from right to left: use inline-start and inline-end",
    },
    Rule {
        kind: Kind::Any,
        pattern: r#"(^|[\s"'`(=:])/(root|home/[a-z][\w-]*|Users/[A-Za-z][\w-]*)/"#,
        within: &[],
        except: &[],
        because: "this is a path of somebody's machine",
    },
];
