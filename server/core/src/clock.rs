//! The time: the only place that reads the clock.

use time::{Duration, OffsetDateTime};

/// Tells the time, once a use case; rules get it as a parameter.
pub trait Clock: Send + Sync + 'static {
    /// Now, in whole microseconds as PostgreSQL keeps them, so that what was written compares
    /// equal to what is read back.
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

/// `moment` without what PostgreSQL would cut off.
pub(crate) fn whole_microseconds(moment: OffsetDateTime) -> OffsetDateTime {
    moment - Duration::nanoseconds(i64::from(moment.nanosecond() % 1000))
}
