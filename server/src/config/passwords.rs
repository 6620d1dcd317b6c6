//! `[passwords]`: length of passwords and cost of their hashes.

use latchkey_core::settings::PasswordSettings;
use serde::{Deserialize, Serialize};

use super::problem::Complaint;

/// Argon2id settings of equal strength, as least memory in KiB and least iterations
/// (OWASP Password Storage Cheat Sheet, "Argon2id").
const FLOOR: [(u32, u32); 5] = [
    (47_104, 1),
    (19_456, 2),
    (12_288, 3),
    (9_216, 4),
    (7_168, 5),
];

/// Length of passwords and cost of their hashes.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Passwords {
    /// Least number of characters of a new password.
    pub min_length: usize,
    /// Argon2id memory of one hash, in KiB.
    pub memory: u32,
    /// Argon2id passes over that memory.
    pub iterations: u32,
    /// Argon2id lanes.
    pub parallelism: u32,
    /// Hashes computed at the same time; 0: one per processor core.
    pub max_concurrent: usize,
    /// Log-ins that may wait for their turn; further log-ins are answered 503 with `Retry-After`.
    pub max_waiting: usize,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            min_length: 15,
            memory: 19_456,
            iterations: 2,
            parallelism: 1,
            max_concurrent: 0,
            max_waiting: 64,
        }
    }
}

impl Passwords {
    /// The section for the core.
    pub(super) fn settings(&self) -> PasswordSettings {
        PasswordSettings {
            memory_kib: self.memory,
            iterations: self.iterations,
            parallelism: self.parallelism,
            max_concurrent: match self.max_concurrent {
                0 => std::thread::available_parallelism().map_or(1, Into::into),
                some => some,
            },
            max_waiting: self.max_waiting,
        }
    }

    pub(super) fn validate(&self) -> Vec<Complaint> {
        let complaints = [
            // ASVS 5.0: at least 8 (6.2.1), and a password of 64 must be permitted (6.2.9).
            Complaint::unless_within("passwords.min_length", &self.min_length, &(8..=64)),
            Complaint::unless_within("passwords.memory", &self.memory, &(1..=2_097_152)),
            Complaint::unless_within("passwords.iterations", &self.iterations, &(1..=64)),
            Complaint::unless_within("passwords.parallelism", &self.parallelism, &(1..=64)),
            Complaint::unless_within(
                "passwords.max_concurrent",
                &self.max_concurrent,
                &(0..=1_024),
            ),
            Complaint::unless_within("passwords.max_waiting", &self.max_waiting, &(0..=10_000)),
            self.below_floor(),
        ];
        complaints.into_iter().flatten().collect()
    }

    fn below_floor(&self) -> Option<Complaint> {
        let enough = FLOOR
            .iter()
            .any(|(memory, passes)| self.memory >= *memory && self.iterations >= *passes);
        let pairs = FLOOR
            .map(|(memory, iterations)| format!("{memory} with {iterations}"))
            .join(", ");
        let reason = format!(
            "{} KiB with {} iterations is below the minimum; the least memory with the least iterations is {pairs}",
            self.memory, self.iterations
        );
        (!enough).then(|| Complaint::new("passwords.memory", reason))
    }
}
