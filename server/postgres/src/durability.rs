//! How much data of a cluster a crash may lose.

/// The data that a crash of the machine may lose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// No data: every commit is on the disk.
    Durable,
    /// All data: no fsync. For tests and benchmarks.
    Throwaway,
}

impl Durability {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Durable => "durable",
            Self::Throwaway => "throwaway",
        }
    }
}
