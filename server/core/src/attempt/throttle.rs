//! The delay after a number of failures. These rules need no clock and no table.

use std::time::Duration;

use time::OffsetDateTime;

/// The largest number of consecutive failures on one account (NIST SP 800-63B-4, 3.2.2).
pub const MOST_CONSECUTIVE_FAILURES: u32 = 100;

/// The delay from the hundredth failure on, which leaves one guess a day. Strangers can keep an account at this delay.
/// The owner has a sign (device, network or code) and is not delayed.
const AFTER_THE_MOST: Duration = Duration::from_hours(24);

/// Factors by which a /56 and a /48 have more free failures than a /64. A /56 is one customer or 256 customers, and a
/// /48 is one customer or a part of a provider (RIPE-690, 4.2). With these factors a customer with a whole /48 gets 16
/// times the guesses of one address, and not 65,536 times.
pub(super) const SITE: u32 = 4;
pub(super) const BLOCK: u32 = 16;

/// The number of failures without a delay, and the delays after more.
///
/// Failures are forgotten one by one, `free` failures in each `window`. So in the long run a guesser gets at most
/// `free` guesses in a `window`, at any pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The number of consecutive failures until the first delay.
    pub free: u32,
    /// The time in which `free` failures are forgotten.
    pub window: Duration,
    /// The first delay. Each further failure doubles it.
    pub first_delay: Duration,
    /// The longest delay before `most` failures.
    pub longest_delay: Duration,
    /// The number of failures from which the delay is a day.
    pub most: Option<u32>,
}

/// A counter of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counter {
    /// The moment at which the last failure is forgotten.
    pub forgotten_at: OffsetDateTime,
    /// The end of the delay that the failures caused.
    pub blocked_until: OffsetDateTime,
}

impl Schedule {
    /// The delay after this number of consecutive failures.
    pub fn delay_after(&self, failures: u32) -> Duration {
        if failures < self.free {
            return Duration::ZERO;
        }
        if self.most.is_some_and(|most| failures >= most) {
            return AFTER_THE_MOST.max(self.longest_delay);
        }
        let doublings = failures - self.free;
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        self.first_delay
            .saturating_mul(factor)
            .min(self.longest_delay)
    }

    /// The time in which one failure is forgotten, in whole milliseconds, which PostgreSQL adds without rounding.
    pub(crate) fn forgets_one_in(&self) -> Duration {
        let milliseconds = self.window.as_millis() / u128::from(self.free.max(1));
        Duration::from_millis(u64::try_from(milliseconds.max(1)).unwrap_or(u64::MAX))
    }

    /// The counter after one more failure. PostgreSQL counts by the same rule.
    pub(crate) fn count(&self, counter: Option<Counter>, now: OffsetDateTime) -> Counter {
        let forgotten_at = counter.map_or(now, |counter| counter.forgotten_at.max(now));
        let every = self.forgets_one_in();
        let left = (forgotten_at - now).whole_milliseconds().unsigned_abs();
        let before = left.div_ceil(every.as_millis());
        let failures = u32::try_from(before + 1).unwrap_or(u32::MAX);
        Counter {
            forgotten_at: forgotten_at + every,
            blocked_until: now + self.delay_after(failures),
        }
    }

    /// Delays in seconds: zero, then the delays after the `free`th and each following failure. The last delay holds for
    /// all further failures.
    pub(crate) fn seconds(&self) -> Vec<f64> {
        let free = self.free.max(1);
        let delays = (free..free.saturating_add(MOST_CONSECUTIVE_FAILURES))
            .map(|failures| self.delay_after(failures).as_secs_f64());
        std::iter::once(0.0).chain(delays).collect()
    }

    /// A schedule with the same delays after `factor` times as many failures.
    pub(crate) fn looser(&self, factor: u32) -> Self {
        Self {
            free: self.free.saturating_mul(factor),
            ..*self
        }
    }
}

/// The remaining time in whole seconds, rounded up and at least one, for `Retry-After`.
pub(crate) fn retry_after_seconds(left: time::Duration) -> u32 {
    let up = left + time::Duration::nanoseconds(999_999_999);
    u32::try_from(up.whole_seconds().max(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEDULE: Schedule = Schedule {
        free: 5,
        window: Duration::from_hours(24),
        first_delay: Duration::from_secs(30),
        longest_delay: Duration::from_hours(1),
        most: Some(MOST_CONSECUTIVE_FAILURES),
    };

    #[test]
    fn the_first_failures_are_free_and_then_the_delay_doubles_up_to_the_longest() {
        let seconds = |failures| SCHEDULE.delay_after(failures).as_secs();
        assert_eq!([1, 2, 3, 4].map(seconds), [0; 4]);
        assert_eq!([5, 6, 7, 8].map(seconds), [30, 60, 120, 240]);
        assert_eq!([11, 12, 13, 99].map(seconds), [1920, 3600, 3600, 3600]);
    }

    #[test]
    fn the_hundredth_failure_leaves_one_guess_a_day() {
        for failures in [100, 101, u32::MAX] {
            assert_eq!(SCHEDULE.delay_after(failures), Duration::from_hours(24));
        }
    }

    #[test]
    fn delays_never_shrink_whatever_is_configured() {
        for schedule in [
            SCHEDULE,
            Schedule {
                free: 1,
                ..SCHEDULE
            },
            Schedule {
                free: 100,
                ..SCHEDULE
            },
            Schedule {
                longest_delay: Duration::from_hours(48),
                ..SCHEDULE
            },
            Schedule {
                first_delay: Duration::MAX,
                ..SCHEDULE
            },
            Schedule {
                most: None,
                ..SCHEDULE
            },
            Schedule {
                free: 1_000_000,
                most: None,
                ..SCHEDULE
            },
        ] {
            let seconds = schedule.seconds();
            assert_eq!(seconds.len(), 101);
            assert!(seconds.last() > Some(&0.0), "{schedule:?}");
            assert!(seconds.is_sorted(), "{schedule:?}");
        }
    }

    #[test]
    fn a_hundred_guesses_at_one_account_take_days() {
        let total: Duration = (1..100)
            .map(|failures| SCHEDULE.delay_after(failures))
            .sum();
        assert!(total > Duration::from_hours(88), "{total:?}");
    }

    #[test]
    fn failures_are_forgotten_one_by_one() {
        let of = |free, window| {
            Schedule {
                free,
                window,
                ..SCHEDULE
            }
            .forgets_one_in()
            .as_secs_f64()
        };
        let seconds = [
            of(5, Duration::from_hours(24)),
            of(320, Duration::from_hours(1)),
            of(7, Duration::from_secs(1)),
            of(1_000_000, Duration::from_mins(1)),
        ];
        let expected = [17_280.0, 11.25, 0.142, 0.001];
        assert!(
            seconds
                .iter()
                .zip(expected)
                .all(|(it, other)| (it - other).abs() < 1e-9),
            "{seconds:?}"
        );
    }

    #[test]
    fn a_counter_forgets_and_delays_as_the_schedule_says() {
        let start = OffsetDateTime::UNIX_EPOCH;
        let mut counter = None;
        let mut fail = |now: OffsetDateTime| {
            let next = SCHEDULE.count(counter, now);
            counter = Some(next);
            (next.blocked_until - now).whole_seconds()
        };
        assert_eq!([(); 7].map(|()| fail(start)), [0, 0, 0, 0, 30, 60, 120]);
        // Two failures are forgotten, so this failure is the sixth.
        let later = start + Duration::from_hours(24) * 2 / 5;
        assert_eq!(fail(later), 60);
        assert_eq!(fail(start + Duration::from_hours(24 * 9)), 0);
    }

    #[test]
    fn what_is_left_is_rounded_up() {
        let of = |milliseconds| retry_after_seconds(time::Duration::milliseconds(milliseconds));
        assert_eq!([-5, 0, 1, 1000, 1001, 30_000].map(of), [1, 1, 1, 1, 2, 30]);
    }
}
