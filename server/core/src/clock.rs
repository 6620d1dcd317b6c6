//! The time. Only this file reads the clock.

use time::{Duration, OffsetDateTime};

/// A clock. A use case asks the clock once; rules get the time as a parameter.
pub trait Clock: Send + Sync + 'static {
    /// The present time in whole microseconds. PostgreSQL stores whole microseconds, so a stored time equals the same
    /// time when it is read back.
    fn now(&self) -> OffsetDateTime;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    fn now(&self) -> OffsetDateTime {
        whole_microseconds(OffsetDateTime::now_utc())
    }
}

/// `moment` without the digits that PostgreSQL would cut off.
pub(crate) fn whole_microseconds(moment: OffsetDateTime) -> OffsetDateTime {
    moment - Duration::nanoseconds(i64::from(moment.nanosecond() % 1000))
}
