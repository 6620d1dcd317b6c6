//! Counts good and bad answers of two servers, and finds the time at which they have recovered.

use std::{
    collections::VecDeque,
    mem,
    sync::{Condvar, Mutex},
    time::{Duration, Instant},
};

/// The longest wait, which only a failing test reaches.
const PATIENCE: Duration = Duration::from_mins(2);

/// The number of good answers in a row after which a server has recovered.
const WELL: usize = 40;

pub struct Tallies {
    of_both: Mutex<OfBoth>,
    news: Condvar,
}

/// The answers since the last [`Tallies::count_anew`].
struct OfBoth {
    since: Instant,
    of: [Tally; 2],
    is_over: bool,
}

#[derive(Debug, Default)]
struct Tally {
    answers: usize,
    /// The times of the last good answers in a row.
    good: VecDeque<Instant>,
    /// The time of the last bad answer.
    last_bad: Option<Instant>,
    /// The times at which the requests under way were sent.
    under_way: Vec<Instant>,
}

impl Tallies {
    pub fn new() -> Self {
        Self {
            of_both: Mutex::new(OfBoth {
                since: Instant::now(),
                of: Default::default(),
                is_over: false,
            }),
            news: Condvar::new(),
        }
    }

    /// Notes that a request is sent to a server. The returned time identifies the request.
    pub fn send(&self, number: usize) -> Instant {
        let mut both = self.of_both.lock().unwrap();
        let start = Instant::now();
        both.of[number].under_way.push(start);
        start
    }

    /// Notes the answer to the request that was sent at `start`.
    pub fn count(&self, number: usize, start: Instant, is_good: bool) {
        let mut both = self.of_both.lock().unwrap();
        let is_new = start >= both.since;
        both.of[number].count(start, is_good, is_new);
        self.news.notify_all();
    }

    /// Forgets the answers up to now.
    pub fn count_anew(&self) {
        let mut both = self.of_both.lock().unwrap();
        both.since = Instant::now();
        for tally in &mut both.of {
            *tally = Tally {
                under_way: mem::take(&mut tally.under_way),
                ..Tally::default()
            };
        }
    }

    /// Waits for `count` answers, good or bad, from both servers together.
    pub fn wait_for_answers(&self, count: usize) {
        self.wait(|of| of.iter().map(|tally| tally.answers).sum::<usize>() >= count);
    }

    /// Waits until both servers have recovered. Returns the time from the last [`Self::count_anew`] to the last bad
    /// answer.
    pub fn wait_until_well(&self) -> Duration {
        self.wait(|of| of.iter().all(Tally::is_well));
        let both = self.of_both.lock().unwrap();
        let last_bad = both.of.iter().filter_map(|tally| tally.last_bad).max();
        last_bad.map_or(Duration::ZERO, |last| last - both.since)
    }

    fn wait(&self, is_so: impl Fn(&[Tally; 2]) -> bool) {
        let both = self.of_both.lock().unwrap();
        let waits = |both: &mut OfBoth| !both.is_over && !is_so(&both.of);
        let waited = self.news.wait_timeout_while(both, PATIENCE, waits);
        let (both, result) = waited.unwrap();
        let state = format!("{:#?}", both.of);
        let (is_over, is_too_long) = (both.is_over, result.timed_out());
        drop(both);
        assert!(!is_over, "a client has stopped: it says why");
        assert!(!is_too_long, "they did not get well: {state}");
    }

    /// Ends all waiting.
    pub fn call_off(&self) {
        self.of_both.lock().unwrap().is_over = true;
        self.news.notify_all();
    }

    pub fn is_over(&self) -> bool {
        self.of_both.lock().unwrap().is_over
    }
}

impl Tally {
    fn count(&mut self, start: Instant, is_good: bool, is_new: bool) {
        let now = Instant::now();
        self.under_way.retain(|other| *other != start);
        self.answers += usize::from(is_new);
        if !is_good {
            self.last_bad = Some(now);
            self.good.clear();
        } else if is_new {
            self.good.push_back(now);
            if self.good.len() > WELL {
                self.good.pop_front();
            }
        }
    }

    /// Whether the server has recovered. A request that was sent before the good answers and is still under way may yet
    /// get a bad answer.
    fn is_well(&self) -> bool {
        let is_late = |start: &Instant| self.good.front().is_none_or(|first| start <= first);
        self.good.len() >= WELL && !self.under_way.iter().any(is_late)
    }
}
