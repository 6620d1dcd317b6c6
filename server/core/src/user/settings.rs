//! How passwords are hashed.

/// How passwords are hashed.
#[derive(Clone, Copy, Debug)]
pub struct PasswordSettings {
    /// Argon2id memory, in KiB.
    pub memory_kib: u32,
    /// Argon2id passes.
    pub iterations: u32,
    /// Argon2id lanes.
    pub parallelism: u32,
    /// Hashes computed at the same time.
    pub max_concurrent: usize,
    /// Further hashes that may wait for their turn; beyond that they are refused.
    pub max_waiting: usize,
}

impl Default for PasswordSettings {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            iterations: 2,
            parallelism: 1,
            max_concurrent: std::thread::available_parallelism().map_or(1, Into::into),
            max_waiting: 64,
        }
    }
}
