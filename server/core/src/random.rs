//! Randomness. Only this file asks the operating system for random bytes.

use time::OffsetDateTime;
use uuid::Uuid;

/// A cryptographically secure source of bytes.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes` with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Random {
    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A new public id (UUID v7, RFC 9562). Ids are in order of creation, and are never secret.
    pub fn id(&self, now: OffsetDateTime) -> Uuid {
        let milliseconds = now.unix_timestamp_nanos() / 1_000_000;
        let milliseconds = u64::try_from(milliseconds).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(milliseconds, &self.bytes()).into_uuid()
    }
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks for randomness"
    )]
    #[expect(
        clippy::expect_used,
        reason = "without randomness no session is safe: better to stop"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives randomness");
    }
}
